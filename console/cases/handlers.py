"""What this room hears: messages that join conversations, deliveries, calendars, colleagues who leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from console.channels.fresh import message_with_participants
from console.channels.models import Delivery
from console.events import Actor, subscribe
from console.foundation.calendars.signals import calendar_changed

from . import services
from .models import Case
from .services import recomputing
from .services.base import who
from .services.notices import source_of
from .services.replying import answering

OUTCOMES = {
    "delivery.accepted": "accepted",
    "delivery.delivered": "accepted",
    "delivery.read": "accepted",
    "delivery.failed": "failed",
    "delivery.bounced": "bounced",
    "delivery.unknown": "unknown",
    "delivery.cancelled": "cancelled",
}


def on_message_added(events: Sequence[Any]) -> None:
    """Inline: the cases commit with the messages or not at all."""
    joined = []
    for event in events:
        data = event.data
        if data.get("inbound", True):
            message, _people = message_with_participants(data["message_id"])
            new = bool(data.get("is_new_conversation"))
            joined.append(services.Joined(data["conversation_id"], message, new, data.get("related_id")))
        else:
            _on_sent(data["conversation_id"], data["message_id"], event.created_at)
    services.messages_added(joined)


def _on_sent(conversation_id: int, message_id: int, at: datetime) -> None:
    """A colleague's words count for the case the conversation is about, whichever door they came in by."""
    if answering.get():
        return
    delivery = Delivery.objects.filter(message_id=message_id, automatic=False).first()
    case = services.current_case(conversation_id) if delivery is not None else None
    if case is not None:
        kind, _sep, label = delivery.created_by.partition(":")
        actor = Actor(kind, label=label) if kind in ("staff", "api") else None
        services.answered(case, who(actor), source_of(delivery.pk), at)


def on_delivery(events: Sequence[Any]) -> None:
    """Inline: what a customer was told stands with the delivery that told it."""
    services.settle_deliveries(
        [
            services.Settled(event.data["delivery_id"], OUTCOMES[event.type], _at(event))
            for event in events
            if not event.data.get("partial")
        ]
    )


def _at(event: Any) -> datetime:
    said = event.data.get("at")
    return datetime.fromisoformat(said) if said else event.created_at or timezone.now()


def on_staff_left(event: Any) -> None:
    """Inline: nobody's open case stays with an account that has ended."""
    from console.staff.models import User

    to = User.objects.filter(pk=event.data.get("to_id")).first()
    services.hand_over(event.data["user_id"], to)
    services.end_products(event.data["user_id"])


def on_calendar_changed(calendar: Any, **kwargs: Any) -> None:
    """Every open case that counts by this calendar is computed again, later and in batches."""
    if Case.objects.filter(is_open=True, version__calendar=calendar).exists():
        recomputing.plan(calendar, "calendar changed")


def register() -> None:
    subscribe("conversation.message_added", "cases.intake", on_message_added, order=50, batch=True)
    subscribe(list(OUTCOMES), "cases.deliveries", on_delivery, batch=True)
    subscribe("staff.left", "cases.hand_over", on_staff_left)
    calendar_changed.connect(on_calendar_changed, dispatch_uid="cases.calendar_changed")
