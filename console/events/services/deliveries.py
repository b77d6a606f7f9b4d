"""After-commit delivery: claim rows, hand each event to its listener, forget what is done, keep what failed."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from console.foundation.errors import told
from console.foundation.work import BATCH, claim, postpone, revive, ring, settle

from ..context import Actor, acting_as, correlation
from ..models import Event, EventDelivery
from ..registry import Subscription, registry
from .log import PUMP, emit

log = logging.getLogger(__name__)
# Deliveries to one listener that are worked in one transaction.
CHUNK = 25
Due = tuple[EventDelivery, Event]


class ReasonMissing(ValueError):
    """A person decides about a dead delivery and has to say why."""


def drain() -> int:
    """Hand out one batch of due deliveries; how many were claimed. The pump `events`."""
    rows = claim(EventDelivery.objects.all(), BATCH)
    events = Event.objects.in_bulk([row.event_id for row in rows])
    by_consumer: dict[str, list[EventDelivery]] = {}
    for row in rows:
        by_consumer.setdefault(row.consumer, []).append(row)
    for name, mine in by_consumer.items():
        _hand_out(mine, events, registry.by_name.get(name))
    return len(rows)


def _hand_out(rows: Sequence[EventDelivery], events: Mapping[UUID, Event], listener: Subscription | None) -> None:
    if listener is None or listener.mode != "after_commit":
        for row in rows:
            _give_back(row, "There is no listener of this name: its room or plugin is not loaded.")
        return
    known = [(row, events[row.event_id]) for row in rows if row.event_id in events]
    for row in rows:
        if row.event_id not in events:
            settle(row, EventDelivery.DEAD, last_error="The event is not in the log any more.")
    size = CHUNK if listener.batch and listener.atomic else 1
    for start in range(0, len(known), size):
        _call(known[start : start + size], listener)


def _call(due: Sequence[Due], listener: Subscription) -> None:
    """Hand these over together; when that fails one by one, so that the one that does not work stands alone."""
    try:
        if listener.atomic:
            _call_atomically(due, listener)
        else:
            _hear([event for _, event in due], listener)
            _mine([row for row, _ in due]).delete()
    except Exception as error:
        if len(due) > 1:
            log.info("event_batch_singly", extra={"consumer": listener.name, "error": type(error).__name__})
            for one in due:
                _call([one], listener)
            return
        row = due[0][0]
        log.warning(
            "event_delivery_failed",
            exc_info=True,
            extra={"consumer": row.consumer, "event_id": str(row.event_id), "attempt": row.attempts},
        )
        _give_back(row, told(error))


def _call_atomically(due: Sequence[Due], listener: Subscription) -> None:
    with transaction.atomic():
        # First the mark, then the work: a second worker, here after a lease ran out, finds nothing to do.
        mine = _mine([row for row, _ in due])
        ours = set(mine.select_for_update().values_list("pk", flat=True)) if len(due) > 1 else {due[0][0].pk}
        if mine.delete()[0]:
            _hear([event for row, event in due if row.pk in ours], listener)


def _hear(events: Sequence[Event], listener: Subscription) -> None:
    if len(events) > 1:
        listener.hear(events)
        return
    with acting_as(events[0].actor), correlation(events[0].correlation_id):
        listener.hear(events)


def _mine(rows: Sequence[EventDelivery]) -> QuerySet[EventDelivery]:
    """Those of these rows, all of one claim, that nobody has claimed since."""
    return EventDelivery.objects.filter(pk__in=[row.pk for row in rows], lease_until=rows[0].lease_until)


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
