"""News this room acts on."""

from typing import Any

from console.events import subscribe

from .models import ApiToken
from .services import revoke_token


def register() -> None:
    """Called from AppConfig.ready()."""
    subscribe("staff.left", "api.revoke_tokens", revoke_of_leaver, mode="inline")


def revoke_of_leaver(event: Any) -> None:
    """Tokens of somebody who leaves stop working for good, in the transaction of the leaving."""
    for token in ApiToken.objects.filter(user_id=event.data["user_id"], revoked_at=None):
        revoke_token(token)
