"""What the services of this room share: who acts, whether they may, and the lines they leave behind."""

from __future__ import annotations

from typing import Any

from console.events import Actor, emit
from console.foundation.work import ring
from console.staff.access import as_actor, can

from ..models import Conversation, Entry, EntryKind

INDEX_PUMP = "conversations.index"


class NotAllowed(PermissionError):
    """This person may not do that here."""


def actor_of(who: Any) -> Actor:
    """A member of staff or an actor, as an actor."""
    return who if isinstance(who, Actor) else as_actor(who)


def check(who: Any, permission: str, conversation: Conversation) -> None:
    """Raise NotAllowed for a member of staff without the permission here. The system and rules may."""
    if not isinstance(who, Actor) and not can(who, permission, conversation):
        raise NotAllowed(permission)


def tell(conversation: Conversation, type_: str, who: Any = None, **data: Any) -> None:
    emit(
        f"conversation:{conversation.pk}",
        type_,
        {"conversation_id": conversation.pk, **data},
        actor=actor_of(who) if who is not None else None,
    )


def line(conversation: Conversation, code: str, **data: Any) -> Entry:
    """A system line in the timeline."""
    return Entry.objects.create(conversation=conversation, kind=EntryKind.SYSTEM, code=code, data=data, indexed=True)


def index_later() -> None:
    ring(INDEX_PUMP)
