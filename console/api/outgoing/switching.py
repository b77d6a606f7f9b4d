"""A webhook stops and goes on: by a person, or by itself when its receiver is gone."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from console.events import emit
from console.events.alarms.services import clear_alarm, raise_alarm
from console.foundation.work import ring
from console.staff.access import as_actor

from ..models import Webhook
from .wanted import PUMP, wishes

PAUSED_ALARM = "api.webhook_paused"


@transaction.atomic
def pause(webhook: Webhook, reason: str, actor: Any = None, *, by_itself: bool = False) -> None:
    """Nothing is sent any more; what happens is kept for it. By itself, it raises an alarm."""
    _switch(webhook, Webhook.State.PAUSED, reason, actor)
    if by_itself:
        raise_alarm(PAUSED_ALARM, str(webhook.pk), data={"webhook": webhook.name, "reason": reason[:200]})


@transaction.atomic
def switch_off(webhook: Webhook, reason: str = "", actor: Any = None) -> None:
    """Nothing is sent and nothing is kept; what waited is dropped."""
    _switch(webhook, Webhook.State.OFF, reason, actor)
    waiting = webhook.deliveries.filter(next_attempt_at__isnull=False)
    waiting.update(status=webhook.deliveries.model.DROPPED, next_attempt_at=None)
    clear_alarm(PAUSED_ALARM, str(webhook.pk))


@transaction.atomic
def resume(webhook: Webhook, actor: Any = None) -> None:
    """Goes on with what waited."""
    webhook.failures = webhook.gone = 0
    webhook.retry_at = None
    _switch(webhook, Webhook.State.ACTIVE, "", actor)
    clear_alarm(PAUSED_ALARM, str(webhook.pk))
    ring(PUMP)


def _switch(webhook: Webhook, state: str, reason: str, actor: Any) -> None:
    webhook.state, webhook.state_reason, webhook.state_since = state, reason[:200], timezone.now()
    webhook.save(update_fields=["state", "state_reason", "state_since", "failures", "gone", "retry_at"])
    by = {"actor": as_actor(actor)} if actor is not None else {}
    emit("configuration", f"webhook.{_WORDS[state]}", {"webhook_id": webhook.pk}, **by)
    wishes.forget()


_WORDS = {Webhook.State.ACTIVE: "resumed", Webhook.State.PAUSED: "paused", Webhook.State.OFF: "switched_off"}
