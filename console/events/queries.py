"""Reading the log by what people ask for. Time is asked of the key, which is ordered by time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .models import Event, EventDelivery, Seal, StreamHead


def uuid_floor(at: datetime) -> UUID:
    """The smallest key an event of this moment can have."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def moment(text: str) -> datetime | None:
    """A day or a moment in the reader's time zone; None when it is neither."""
    try:
        found = parse_datetime(text if len(text) > 10 else f"{text} 00:00") if text else None
    except ValueError:
        return None
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


def browse(
    *,
    stream: str = "",
    type: str = "",
    actor: str = "",
    correlation_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    rows: QuerySet[Event] | None = None,
) -> QuerySet[Event]:
    """Events that fit everything given. `type` and `stream` may end with *; `actor` is `kind`, `kind:id` or a label."""
    found = rows if rows is not None else Event.objects.all()
    for field, pattern in (("stream", stream), ("type", type)):
        if pattern:
            found = found.filter(_pattern(field, pattern))
    if actor:
        found = found.filter(_actor(actor))
    if correlation_id:
        found = found.filter(correlation_id=correlation_id)
    if since:
        found = found.filter(id__gte=uuid_floor(since))
    if until:
        found = found.filter(id__lt=uuid_floor(until))
    return found


def _pattern(field: str, pattern: str) -> Q:
    if pattern.endswith("*") and "*" not in pattern[:-1]:
        # A range instead of LIKE: an index serves it whatever the database's collation.
        start = pattern[:-1]
        return Q(**{f"{field}__gte": start, f"{field}__lt": start + "\x7f"}) if start else Q()
    return Q(**{field: pattern})


def _actor(text: str) -> Q:
    kind, colon, key = text.partition(":")
    if colon:
        return Q(actor_kind=kind) & (Q(actor_id=key) | Q(actor_label=key))
    return Q(actor_kind=text) | Q(actor_label=text)


def of_stream(stream: str) -> QuerySet[Event]:
    """The history of one thing, oldest first."""
    return Event.objects.filter(stream=stream).order_by("id")


def of_story(correlation_id: str) -> QuerySet[Event]:
    """Everything of one correlation id, oldest first; nothing for an empty id."""
    rows = Event.objects.filter(correlation_id=correlation_id) if correlation_id else Event.objects.none()
    return rows.order_by("id")


def dispatch_state() -> dict[str, Any]:
    """How many deliveries wait and how many are dead, by listener."""
    rows = EventDelivery.objects.values("consumer", "status").annotate(n=Count("id")).order_by("consumer")
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row["consumer"], {})[row["status"]] = row["n"]
    return found


def seal_state() -> dict[str, Any]:
    """The newest seal and how many streams have something unsealed."""
    newest = Seal.objects.aggregate(number=Max("number"), at=Max("created_at"))
    unsealed = StreamHead.objects.filter(seq__gt=F("sealed_seq")).count()
    return {"number": newest["number"] or 0, "at": newest["at"], "unsealed": unsealed}
