"""After-commit delivery: claim rows, hand each event to its listener, forget what is done, keep what failed."""

import logging
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from console.foundation.work import BATCH, claim, postpone, revive, ring, settle

from ..context import Actor, acting_as, correlation
from ..models import Event, EventDelivery
from ..registry import Subscription, registry
from .log import PUMP, emit

log = logging.getLogger(__name__)


class ReasonMissing(ValueError):
    """A person decides about a dead delivery and has to say why."""


def drain() -> int:
    """Hand out one batch of due deliveries; how many were claimed. The pump `events`."""
    rows = claim(EventDelivery.objects.all(), BATCH)
    events = Event.objects.in_bulk([row.event_id for row in rows])
    for row in rows:
        _deliver(row, events.get(row.event_id))
    return len(rows)


def _deliver(row: EventDelivery, event: Event | None) -> None:
    listener = registry.by_name.get(row.consumer)
    if listener is None or listener.mode != "after_commit":
        _give_back(row, "There is no listener of this name: its room or plugin is not loaded.")
    elif event is None:
        settle(row, EventDelivery.DEAD, last_error="The event is not in the log any more.")
    else:
        _call(row, event, listener)


def _call(row: EventDelivery, event: Event, listener: Subscription) -> None:
    try:
        with acting_as(event.actor), correlation(event.correlation_id):
            if listener.atomic:
                _call_atomically(row, event, listener)
            else:
                listener.handler(event)
                _mine(row).delete()
    except Exception as error:
        log.warning(
            "event_delivery_failed",
            exc_info=True,
            extra={"consumer": row.consumer, "event_id": str(row.event_id), "attempt": row.attempts},
        )
        _give_back(row, f"{type(error).__name__}: {error}"[:1000])


def _call_atomically(row: EventDelivery, event: Event, listener: Subscription) -> None:
    with transaction.atomic():
        # First the mark, then the work: a second worker, here after a lease ran out, finds nothing to do.
        if _mine(row).delete()[0]:
            listener.handler(event)


def _mine(row: EventDelivery) -> QuerySet[EventDelivery]:
    return EventDelivery.objects.filter(pk=row.pk, attempts=row.attempts)


def _give_back(row: EventDelivery, error: str) -> None:
    if not postpone(row, error) and row.status == EventDelivery.DEAD:
        from ..alarms.services import raise_alarm

        raise_alarm("events.dead_letter", row.consumer, data={"consumer": row.consumer})


def replay(ids: Iterable[int], actor: Actor, reason: str) -> int:
    """Make dead or dropped deliveries due again; how many. Raises ReasonMissing without a reason."""
    return _decide(ids, actor, reason, "delivery.replayed", (EventDelivery.DEAD, EventDelivery.DROPPED))


def drop(ids: Iterable[int], actor: Actor, reason: str) -> int:
    """Decide that dead deliveries will not be made; they stay on record. Raises ReasonMissing without a reason."""
    return _decide(ids, actor, reason, "delivery.dropped", (EventDelivery.DEAD,))


def _decide(ids: Iterable[int], actor: Actor, reason: str, event_type: str, states: tuple[str, ...]) -> int:
    reason = reason.strip()[:300]
    if not reason:
        raise ReasonMissing("Say why.")
    with transaction.atomic():
        rows = list(EventDelivery.objects.select_for_update().filter(pk__in=list(ids), status__in=states))
        for row in rows:
            if event_type == "delivery.replayed":
                revive(row)
            else:
                settle(row, EventDelivery.DROPPED)
        EventDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(decided_by=str(actor)[:150], reason=reason)
        if rows:
            _record(rows, actor, event_type)
            ring(PUMP)
    clear_when_empty()
    return len(rows)


def _record(rows: list[EventDelivery], actor: Actor, event_type: str) -> None:
    for row in rows:
        data = {"event_id": row.event_id, "consumer": row.consumer, "event_type": row.event_type}
        emit("events", f"events.{event_type}", data, actor=actor)


def clear_when_empty() -> None:
    """Clear the dead-letter alarm of every listener that has no dead delivery left."""
    from ..alarms.services import clear_alarm
    from ..models import Alarm

    keys = Alarm.objects.open().filter(code="events.dead_letter").values_list("key", flat=True)
    dead = set(EventDelivery.objects.dead().filter(consumer__in=list(keys)).values_list("consumer", flat=True))
    for key in keys:
        if key not in dead:
            clear_alarm("events.dead_letter", key)


def dead_for(event_id: UUID) -> list[EventDelivery]:
    """Who never got this event."""
    return list(EventDelivery.objects.dead().filter(event_id=event_id))
