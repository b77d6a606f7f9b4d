"""What this room hears: messages that join conversations, deliveries, calendars, colleagues who leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from console.events import subscribe
from console.foundation.calendars.signals import calendar_changed

from . import services
from .services import recomputing
from .services.base import who
from .services.notices import source_of

OUTCOMES = {
    "delivery.accepted": "accepted",
    "delivery.failed": "failed",
    "delivery.bounced": "bounced",
    "delivery.unknown": "unknown",
    "delivery.cancelled": "cancelled",
}


def on_message_added(event: Any) -> None:
    """Inline: the case commits with the message or not at all."""
    data = event.data
    if data.get("flagged"):
        return
    services.message_added(data["conversation_id"], data["message_id"], bool(data.get("is_new_conversation")))


def on_delivery(event: Any) -> None:
    """Inline: what a customer was told stands with the delivery that told it."""
    services.settle_delivery(event.data["delivery_id"], OUTCOMES[event.type], _at(event))


def _at(event: Any) -> datetime:
    said = event.data.get("at")
    return datetime.fromisoformat(said) if said else event.created_at or timezone.now()


def on_replied(event: Any) -> None:
    """Inline: an answer written in the conversation itself counts for the case it is about."""
    data = event.data
    case = services.current_case(data["conversation_id"])
    if case is None or event.actor_kind not in ("staff", "api"):
        return
    services.answered(case, who(event.actor), source_of(data["delivery_id"]), event.created_at)


def on_staff_left(event: Any) -> None:
    """Inline: nobody's open case stays with an account that has ended."""
    from console.staff.models import User

    to = User.objects.filter(pk=event.data.get("to_id")).first()
    services.hand_over(event.data["user_id"], to)


def on_calendar_changed(calendar: Any, **kwargs: Any) -> None:
    """Every open case that counts by this calendar is computed again, later and in batches."""
    recomputing.plan(calendar, "calendar changed")


def register() -> None:
    subscribe("conversation.message_added", "cases.intake", on_message_added, order=50)
    subscribe(list(OUTCOMES), "cases.deliveries", on_delivery)
    subscribe("conversation.replied", "cases.replies", on_replied)
    subscribe("staff.left", "cases.hand_over", on_staff_left)
    calendar_changed.connect(on_calendar_changed, dispatch_uid="cases.calendar_changed")
