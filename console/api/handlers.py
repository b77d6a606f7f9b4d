"""News this room acts on."""

from typing import Any

from console.events import subscribe
from console.foundation.work import register_periodic, register_pump

from .models import ApiToken, WebhookDelivery
from .outgoing import alarms, sending, services, wanted
from .services import revoke_token

PRUNE_SECONDS = 3600


def register() -> None:
    """Called from AppConfig.ready()."""
    subscribe("staff.left", "api.revoke_tokens", revoke_of_leaver, mode="inline")
    subscribe("*", "api.webhooks", wanted.note, mode="inline", order=900, batch=True)
    register_pump(wanted.PUMP, sending.drain, due=WebhookDelivery.objects.ready)
    register_periodic("api.webhooks_prune", PRUNE_SECONDS, services.prune)
    alarms.register()


def revoke_of_leaver(event: Any) -> None:
    """Tokens of somebody who leaves stop working for good, in the transaction of the leaving."""
    for token in ApiToken.objects.filter(user_id=event.data["user_id"], revoked_at=None):
        revoke_token(token)
