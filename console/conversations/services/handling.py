"""Work around a conversation: notes, assignment, read marks, closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.foundation.text import clean
from console.foundation.text.masking import mask_text

from ..models import Conversation, ConversationStatus, Entry, EntryKind, Note, ReadMark
from .base import actor_of, check, index_later, line, tell


def add_note(conversation: Conversation, actor: Any, text: str) -> Entry:
    """Write an internal remark into the timeline. Numbers are masked as everywhere. Raises NotAllowed, ValueError."""
    check(actor, "conversation.note", conversation)
    words = mask_text(clean(text)).strip()
    if not words:
        raise ValueError("A note needs text.")
    who = actor_of(actor)
    with transaction.atomic():
        note = Note.objects.create(author_id=int(who.id) if who.kind == "staff" else None, text=words)
        entry = Entry.objects.create(conversation=conversation, kind=EntryKind.NOTE, note=note)
        tell(conversation, "conversation.note_added", actor, note_id=note.pk, entry_id=entry.pk)
        index_later()
    return entry


def assign(conversation: Conversation, to: Any, actor: Any, *, team: Any = None) -> Conversation:
    """Give a conversation to somebody, to a team, or (None) to nobody. Raises NotAllowed."""
    check(actor, "conversation.assign", conversation)
    with transaction.atomic():
        locked = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        before = {"from_user_id": locked.assignee_id, "from_team_id": locked.team_id}
        locked.assignee = to
        if team is not None:
            locked.team, locked.site = team, team.site
        locked.save(update_fields=["assignee", "team", "site"])
        after = {"user_id": locked.assignee_id, "team_id": locked.team_id}
        line(locked, "assigned", **before, **after)
        tell(locked, "conversation.assigned", actor, **before, **after)
        reindex(locked)
    conversation.refresh_from_db()
    return conversation


def close(conversation: Conversation, actor: Any) -> None:
    """End a conversation; the next message of the customer opens it again. Raises NotAllowed."""
    check(actor, "conversation.work", conversation)
    with transaction.atomic():
        rows = Conversation.objects.filter(pk=conversation.pk, status=ConversationStatus.OPEN)
        if rows.update(status=ConversationStatus.CLOSED, closed_at=timezone.now(), waiting_since=None):
            line(conversation, "closed")
            tell(conversation, "conversation.closed", actor)
    conversation.refresh_from_db()


def reopen(conversation: Conversation, actor: Any) -> None:
    """Open a closed conversation by hand. Raises NotAllowed."""
    check(actor, "conversation.work", conversation)
    with transaction.atomic():
        rows = Conversation.objects.filter(pk=conversation.pk, status=ConversationStatus.CLOSED)
        if rows.update(status=ConversationStatus.OPEN, closed_at=None):
            line(conversation, "reopened")
            tell(conversation, "conversation.reopened", actor)
    conversation.refresh_from_db()


def mark_read(user: Any, conversation: Conversation, until: Any = None) -> None:
    """This person has read the conversation, up to a moment (now). Never moves back."""
    until = until or timezone.now()
    mark, made = ReadMark.objects.get_or_create(conversation=conversation, user=user, defaults={"read_until": until})
    if not made:
        ReadMark.objects.filter(pk=mark.pk, read_until__lt=until).update(read_until=until)


def mark_unread(user: Any, conversation: Conversation) -> None:
    """Show the conversation as unread again: the mark goes before its last inbound message."""
    before = (conversation.last_inbound_at or timezone.now()) - timedelta(microseconds=1)
    ReadMark.objects.filter(conversation=conversation, user=user).update(read_until=before)


def reindex(conversation: Conversation) -> None:
    """Its readers have changed: the search index learns it."""
    Entry.objects.filter(conversation=conversation).exclude(kind=EntryKind.SYSTEM).update(indexed=False)
    index_later()
