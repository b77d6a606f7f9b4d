"""Issue, revoke and recognise API tokens."""

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from console.events import emit
from console.foundation import crypto
from console.staff.access import as_actor, can, may_act

from .models import ApiToken

PREFIX = "hy_"
PURPOSE = "api-token"


def may_issue(actor: Any, user: Any) -> bool:
    """Whether `actor` may make or revoke tokens of `user`: their own, or anybody's who manages staff."""
    return can(actor, "staff.manage") or (actor.pk == user.pk and can(actor, "api.token"))


def _check(actor: Any, user: Any) -> None:
    if actor is not None and not may_issue(actor, user):
        raise PermissionDenied


@transaction.atomic
def issue_token(
    user: Any, name: str, scopes: list[str], expires_at: datetime | None = None, actor: Any = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once and kept only as a hash.

    `actor` is the member of staff who asks; None for the command line. Raises PermissionDenied.
    """
    _check(actor, user)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        hint=secret[:8],
        token_hash=crypto.keyed_hash(secret, PURPOSE),
    )
    by = {"actor": as_actor(actor)} if actor is not None else {}
    emit(f"staff:{user.pk}", "api.token_issued", {"token_id": token.pk, "scopes": scopes}, **by)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, actor: Any = None) -> None:
    """The token stops working at once; revoking twice changes nothing. Raises PermissionDenied."""
    _check(actor, token.user)
    if token.revoked_at:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    by = {"actor": as_actor(actor)} if actor is not None else {}
    emit(f"staff:{token.user_id}", "api.token_revoked", {"token_id": token.pk}, **by)


def recognise(secret: str) -> ApiToken | None:
    """The live token of `secret`, or None. Its day of last use is written once a day, not per request."""
    token = ApiToken.objects.select_related("user").filter(token_hash=crypto.keyed_hash(secret, PURPOSE)).first()
    now = timezone.now()
    if token is None or token.revoked_at or (token.expires_at and token.expires_at <= now) or not may_act(token.user):
        return None
    if token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return token
