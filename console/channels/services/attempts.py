"""Links that somebody tried to send where none may leave: an event each, also when the act around it was undone.

A refused act rolls its transaction back, and an event of that transaction would go with it. So attempts wait in the
thread until it has none open: at once, after the request, or at the next turn of the worker.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import structlog
from django.db import DatabaseError

from console.events import Actor, NewEvent, emit_many
from console.foundation.transactions import in_transaction

from ..drafts import Draft

log = structlog.get_logger(__name__)
TYPE = "delivery.link_refused"
MOST = 200


class _Waiting(threading.local):
    def __init__(self) -> None:
        self.events: list[NewEvent] = []


_waiting = _Waiting()


def note_link(draft: Draft, actor: Actor) -> None:
    """Somebody or something wanted to send a link. The words themselves are not kept."""
    primary = draft.primary
    data = {
        "account_id": draft.account.pk,
        "send_class": str(draft.send_class),
        "purpose": draft.purpose[:60],
        "identity_id": primary.identity.pk if primary else None,
        "customer_id": primary.identity.customer_id if primary else None,
    }
    log.warning("link_refused", account=draft.account.pk, actor=str(actor)[:80], purpose=draft.purpose[:60])
    if len(_waiting.events) < MOST:
        event = NewEvent(f"account:{draft.account.pk}", TYPE, data, actor=actor)
        _waiting.events.append(replace(event, correlation_id=draft.correlation_id) if draft.correlation_id else event)
    flush()


def flush() -> None:
    """Write what waits, unless a transaction is still open here."""
    if not _waiting.events or in_transaction():
        return
    events, _waiting.events = _waiting.events, []
    try:
        emit_many(events)
    except DatabaseError as error:
        _waiting.events = [*events, *_waiting.events][:MOST]
        log.warning("attempts_wait", error=type(error).__name__)
