"""Writing the log: `emit` inside the act it tells of, `emit_many` when there is more than one thing to tell."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from console.foundation.ids import uuid7
from console.foundation.work import ring

from ..canonical import canonical_json
from ..context import Actor, current_actor, current_correlation
from ..models import Event, EventDelivery
from ..registry import registry
from .chain import chain_at_commit

MAX_BODY = 16_000
MAX_NAME = 80
PUMP = "events"
_COLUMNS = (
    "id",
    "created_at",
    "stream",
    "type",
    "actor_kind",
    "actor_id",
    "actor_label",
    "correlation_id",
    "body",
    "prev_hash",
    "hash",
)
_ROW = "(" + ", ".join(["%s"] * len(_COLUMNS)) + ")"
_INSERT = f"INSERT INTO {Event._meta.db_table} ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608
CHUNK = 200


class EventRefused(ValueError):
    """The event cannot be written: its names, its data or its size are not allowed."""


@dataclass(frozen=True)
class NewEvent:
    """One thing to tell, for `emit_many`."""

    stream: str
    type: str
    data: dict[str, Any]
    actor: Actor | None = None
    correlation_id: str = ""


def emit(stream: str, type: str, data: dict, *, actor: Actor | None = None, correlation_id: str = "") -> Event:
    """Record that something happened, in the caller's transaction, and tell whoever listens.

    `data` holds ids and codes, never personal values. Actor and correlation default to the surrounding `acting_as`
    and `correlation`. Inline listeners run before this returns; their error is the caller's. Raises EventRefused.
    """
    return emit_many([NewEvent(stream, type, data, actor, correlation_id)])[0]


def emit_many(news: Iterable[NewEvent]) -> list[Event]:
    """Record several events with one insert, in the given order; then as `emit`, each listener hearing all of its."""
    events = [_build(item) for item in news]
    if not events:
        return []
    with transaction.atomic(savepoint=False):
        _insert(events)
        chain_at_commit([(event.stream, event.id, event.text) for event in events])
        _queue(events)
        for listener, heard in registry.inline_for(events):
            listener.hear(heard)
    return events


def _build(item: NewEvent) -> Event:
    body = _checked_body(item)
    actor = item.actor or current_actor()
    event = Event(
        id=uuid7(),
        created_at=timezone.now(),
        stream=item.stream,
        type=item.type,
        actor_kind=actor.kind,
        actor_id=actor.id[:64],
        actor_label=actor.label[:150],
        correlation_id=(item.correlation_id or current_correlation())[:64],
        body=body,
    )
    event._state.adding = False
    event._state.db = connection.alias
    return event


def _checked_body(item: NewEvent) -> str:
    for name in (item.stream, item.type):
        if not name or len(name) > MAX_NAME or not name.isascii() or not name.isprintable() or "\n" in name:
            raise EventRefused(f"{name!r} cannot name a stream or a type: 1 to {MAX_NAME} ASCII characters.")
    if not isinstance(item.data, dict):
        raise EventRefused(f"The data of {item.type} must be a dict, not {type(item.data).__name__}.")
    try:
        body = canonical_json(item.data)
    except (TypeError, ValueError) as error:
        raise EventRefused(f"The data of {item.type} is not JSON: {error}") from error
    if len(body) > MAX_BODY:
        raise EventRefused(f"The data of {item.type} is larger than {MAX_BODY} characters; tell ids, not contents.")
    return body


def _insert(events: Sequence[Event]) -> None:
    """Plain SQL: the model's save would cost several times the CPU, on the busiest path of the house."""
    at = connection.ops.adapt_datetimefield_value
    key = _key_adapter()
    for start in range(0, len(events), CHUNK):
        part = events[start : start + CHUNK]
        values: list[Any] = []
        for event in part:
            values += (key(event.id), at(event.created_at), event.stream, event.type)
            values += (event.actor_kind, event.actor_id, event.actor_label, event.correlation_id)
            values += (event.body, "", "")
        with connection.cursor() as cursor:
            cursor.execute(_INSERT + ", ".join([_ROW] * len(part)), values)


def _key_adapter() -> Callable[[UUID], Any]:
    return (lambda value: value) if connection.features.has_native_uuid_field else (lambda value: value.hex)


def _queue(events: Sequence[Event]) -> None:
    """One row for each after-commit listener, and one ring for all of them."""
    rows = [
        EventDelivery(event_id=event.id, event_type=event.type, consumer=listener.name)
        for event in events
        for listener in registry.listeners(event.type).after_commit
    ]
    if rows:
        EventDelivery.objects.bulk_create(rows)
        ring(PUMP)
