"""Making, changing and trying webhooks, and deciding about deliveries."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from console.events import emit
from console.events.alarms.services import clear_alarm
from console.foundation.ids import uuid7
from console.foundation.work import revive, ring
from console.staff.access import as_actor, can

from ..models import Webhook, WebhookDelivery
from .calling import Answer, call, client
from .payload import TEST
from .sending import DEAD_ALARM
from .signing import new_secret
from .switching import PAUSED_ALARM
from .wanted import PUMP, wishes

PERMISSION = "api.webhook"
OVERLAP = timedelta(days=1)
KEPT = timedelta(days=7)
PRUNED_AT_ONCE = 5000


def demand(actor: Any) -> None:
    """Raises PermissionDenied."""
    if not can(actor, PERMISSION):
        raise PermissionDenied


@transaction.atomic
def create(values: Mapping[str, Any], actor: Any) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown this once. `values`: name, url, types. Raises PermissionDenied."""
    demand(actor)
    secret = new_secret()
    webhook = Webhook.objects.create(**values, secret=secret, created_by=actor)
    _tell("webhook.made", webhook, actor)
    return webhook, secret


@transaction.atomic
def change(webhook: Webhook, values: Mapping[str, Any], actor: Any) -> None:
    """Another name, address or wish. Raises PermissionDenied."""
    demand(actor)
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(values))
    _tell("webhook.changed", webhook, actor, fields=sorted(values))


@transaction.atomic
def delete(webhook: Webhook, actor: Any) -> None:
    """Gone with its log and its alarms. Raises PermissionDenied."""
    demand(actor)
    _tell("webhook.deleted", webhook, actor)
    for alarm in (PAUSED_ALARM, DEAD_ALARM):
        clear_alarm(alarm, str(webhook.pk))
    webhook.delete()


@transaction.atomic
def replace_secret(webhook: Webhook, actor: Any) -> str:
    """A new secret, shown this once; for a day calls carry a signature by the old one too. Raises PermissionDenied."""
    demand(actor)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, timezone.now() + OVERLAP
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    _tell("webhook.secret_replaced", webhook, actor)
    return webhook.secret


def test(webhook: Webhook, actor: Any) -> Answer:
    """Send a made-up event here and now and say what came back. Raises PermissionDenied."""
    demand(actor)
    at = timezone.now().isoformat()
    message = {"id": str(uuid7()), "created_at": at, "stream": f"webhook:{webhook.pk}", "type": TEST, "data": {}}
    with client() as line:
        return call(line, webhook, message["id"], message)


@transaction.atomic
def send_again(rows: Iterable[WebhookDelivery], actor: Any) -> int:
    """Make delivered, dropped or refused ones due again; how many. Raises PermissionDenied."""
    demand(actor)
    again = [row for row in rows if row.status != WebhookDelivery.PENDING and revive(row)]
    for webhook_id in {row.webhook_id for row in again}:
        clear_alarm(DEAD_ALARM, str(webhook_id))
        emit("configuration", "webhook.sent_again", {"webhook_id": webhook_id}, actor=as_actor(actor))
    if again:
        ring(PUMP)
    return len(again)


def prune() -> int:
    """Forget deliveries made more than a week ago; how many. A periodic duty."""
    old = WebhookDelivery.objects.filter(delivered_at__lt=timezone.now() - KEPT, status=WebhookDelivery.DELIVERED)
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE])).delete()[0]


def _tell(event_type: str, webhook: Webhook, actor: Any, **more: Any) -> None:
    emit("configuration", event_type, {"webhook_id": webhook.pk, **more}, actor=as_actor(actor))
    wishes.forget()
