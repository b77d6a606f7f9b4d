"""Moving a message that ended up in the wrong conversation, and taking the move back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ..models import Conversation, Entry, EntryKind, MovedMessage
from .base import actor_of, check, index_later, line, tell


class CannotMove(ValueError):
    """There is nothing to move, or nowhere to move it to."""


def move_message(entry: Entry, target: Conversation | None, actor: Any, reason: str = "") -> MovedMessage:
    """Put a message into another conversation, or into a new one of its own. Both keep a line about it.

    Raises NotAllowed and CannotMove.
    """
    source = entry.conversation
    check(actor, "conversation.move", source)
    if entry.kind != EntryKind.MESSAGE or (target is not None and target.pk == source.pk):
        raise CannotMove(entry.pk)
    with transaction.atomic():
        goal = target or _new_for(entry)
        check(actor, "conversation.move", goal)
        _shift(entry, goal)
        move = MovedMessage.objects.create(
            entry=entry, source=source, target=goal, moved_by=str(actor_of(actor))[:160], reason=reason[:300]
        )
        _tell_both(move, "conversation.message_moved", actor)
    return move


def undo_move(move: MovedMessage, actor: Any) -> None:
    """Put the message back where it came from. Raises NotAllowed, and CannotMove when it has moved on since."""
    check(actor, "conversation.move", move.target)
    with transaction.atomic():
        mine = MovedMessage.objects.filter(pk=move.pk, undone_at__isnull=True)
        here = Entry.objects.filter(pk=move.entry_id, conversation=move.target).exists()
        if not here or not mine.update(undone_at=timezone.now()):
            raise CannotMove(move.pk)
        _shift(move.entry, move.source)
        _tell_both(move, "conversation.move_undone", actor)


def refresh(conversation: Conversation) -> None:
    """Compute the dates of a conversation from its entries."""
    rows = Entry.objects.filter(conversation=conversation, kind=EntryKind.MESSAGE)
    last = rows.aggregate(at=Max("at"))["at"]
    inbound = rows.filter(inbound=True, message__automatic="").aggregate(at=Max("at"))["at"]
    answered = rows.filter(inbound=False).aggregate(at=Max("at"))["at"]
    waiting = rows.filter(inbound=True, message__automatic="").order_by("at")
    if answered:
        waiting = waiting.filter(at__gt=answered)
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message_at=last,
        last_inbound_at=inbound,
        waiting_since=waiting.values_list("at", flat=True).first(),
    )


def _new_for(entry: Entry) -> Conversation:
    message, old = entry.message, entry.conversation
    return Conversation.objects.create(
        customer=message.customer if message.inbound else old.customer,
        identity=message.identity if message.inbound else old.identity,
        account=message.account,
        subject=message.subject,
        site=old.site,
        team=old.team,
        assignee=old.assignee,
    )


def _shift(entry: Entry, goal: Conversation) -> None:
    source = Conversation.objects.get(pk=entry.conversation_id)
    # In one order for everybody, so that two moves in opposite directions do not wait for each other.
    list(Conversation.objects.select_for_update(of=("self",)).filter(pk__in=[source.pk, goal.pk]).order_by("pk"))
    entry.conversation = goal
    entry.indexed = False
    entry.save(update_fields=["conversation", "indexed"])
    for conversation in (source, goal):
        refresh(conversation)
    index_later()


def _tell_both(move: MovedMessage, type_: str, actor: Any) -> None:
    facts = {"source_id": move.source_id, "target_id": move.target_id, "move_id": move.pk}
    for conversation in (move.source, move.target):
        line(conversation, type_.partition(".")[2], **facts, entry_id=move.entry_id)
    tell(move.target, type_, actor, **facts, message_id=move.entry.message_id)
