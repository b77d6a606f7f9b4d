"""Issue, revoke and recognise API tokens."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from console.events import emit
from console.foundation import crypto
from console.staff.access import may_act

from .models import ApiToken

PREFIX = "hy_"
PURPOSE = "api-token"


@transaction.atomic
def issue_token(user, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once and kept only as a hash."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        hint=secret[:8],
        token_hash=crypto.keyed_hash(secret, PURPOSE),
    )
    emit(f"staff:{user.pk}", "api.token_issued", {"token_id": token.pk, "scopes": scopes})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken) -> None:
    """The token stops working at once; revoking twice changes nothing."""
    if token.revoked_at:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    emit(f"staff:{token.user_id}", "api.token_revoked", {"token_id": token.pk})


def recognise(secret: str) -> ApiToken | None:
    """The live token of `secret`, or None. Its day of last use is written once a day, not per request."""
    token = ApiToken.objects.select_related("user").filter(token_hash=crypto.keyed_hash(secret, PURPOSE)).first()
    now = timezone.now()
    if token is None or token.revoked_at or (token.expires_at and token.expires_at <= now) or not may_act(token.user):
        return None
    if token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return token
