from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, viewsets
from rest_framework.permissions import BasePermission

from .idempotency import Idempotent
from .incoming import clean_query
from .pages import CursorPagination


@cache
def _check(path: str):
    return import_string(path)


def may(user, permission: str, obj=None) -> bool:
    """Ask the room that knows people; settings name it, because this floor must not import it."""
    return _check(settings.HUIYIN_PERMISSION_CHECK)(user, permission, obj)


class StaffPermission(BasePermission):
    """Views name the permission they need: `permission = "case.work"`, or by action in `permissions`."""

    message = _("Your role does not allow this.")

    def has_permission(self, request, view) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        wanted = needed(view)
        return wanted is None or may(request.user, wanted)

    def has_object_permission(self, request, view, obj) -> bool:
        wanted = needed(view)
        return wanted is None or may(request.user, wanted, obj)


def needed(view) -> str | None:
    """The permission code an action of a view asks for; None when being signed in is enough."""
    by_action = getattr(view, "permissions", {})
    return by_action.get(getattr(view, "action", None), getattr(view, "permission", None))


class ScopedViewSet(Idempotent, viewsets.GenericViewSet):
    """Base of every API view on rows: signed in, permitted, within scope, in cursor pages, POST once per key.

    Add DRF's mixins or actions; changes call services. `scope` names the token scope, `permission(s)` the codes.
    A list orders by `page_ordering` ("-pk" unless said otherwise).
    """

    pagination_class = CursorPagination
    permission: str | None = None
    permissions: dict[str, str] = {}

    def initial(self, request, *args, **kwargs) -> None:
        clean_query(request._request)
        super().initial(request, *args, **kwargs)

    def get_permissions(self):
        return [*super().get_permissions(), StaffPermission()]

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.visible_to(self.request.user) if hasattr(rows, "visible_to") else rows


class ScopedReadOnlyViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, ScopedViewSet):
    """List and detail, nothing else."""
