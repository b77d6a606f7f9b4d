"""What a token may reach: its scopes narrow its user's own permissions, never widen them."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from .models import ApiToken


def allows(token: ApiToken, subject: str, write: bool) -> bool:
    """True when the token's scopes hold `subject:read` (or `:write` for changes), `subject:*` or `*`."""
    wanted = {"*", f"{subject}:*", f"{subject}:write"} | (set() if write else {f"{subject}:read"})
    return not wanted.isdisjoint(token.scopes)


def subjects() -> list[str]:
    """What scopes may speak of: the resources mounted."""
    from .urls import router

    return sorted({view.scope for _prefix, view, _name in router.registry if getattr(view, "scope", None)})


class TokenScope(BasePermission):
    """Views say `scope = "cases"`; a session of the hub is not narrowed."""

    message = _("This token has no scope for that.")

    def has_permission(self, request, view) -> bool:
        if not isinstance(request.auth, ApiToken):
            return bool(request.user and request.user.is_authenticated)
        subject = getattr(view, "scope", None)
        return subject is None or allows(request.auth, subject, request.method not in SAFE_METHODS)
