"""Reads: the timeline, and what is unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from console.channels.models import Attachment, Delivery, Message, MessageParticipant
from console.customers.models import Customer
from console.customers.queries import masked

from .models import Conversation, Entry, ReadMark

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline with everything the desk shows of it."""

    entry: Entry
    message: Message | None
    delivery: Delivery | None
    participants: tuple[MessageParticipant, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    author: str = ""
    unread: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.entry.kind

    @property
    def at(self) -> datetime:
        return self.entry.at


def timeline(
    conversation_ids: Iterable[int], user: Any, before: Entry | tuple[datetime, int] | None = None, limit: int = PAGE
) -> list[Line]:
    """Entries of these conversations this person may see, newest first, `before` a cursor for the next page.

    Five queries whatever the number of entries.
    """
    seen = Conversation.objects.visible_to(user).filter(pk__in=list(conversation_ids))
    rows = Entry.objects.filter(conversation_id__in=seen.values("pk"))
    return _lines(_page(rows, before, limit), user)


def timeline_of(conversation_ids: Iterable[int], user: Any, before: Any = None, limit: int = PAGE) -> list[Line]:
    """The same for a caller who has already made sure that the reader may see these conversations (a case's)."""
    return _lines(_page(Entry.objects.filter(conversation_id__in=list(conversation_ids)), before, limit), user)


def _page(rows: QuerySet[Entry], before: Any, limit: int) -> list[Entry]:
    if before is not None:
        at, pk = (before.at, before.pk) if isinstance(before, Entry) else before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    people = MessageParticipant.objects.select_related("identity")
    return list(
        rows.select_related("note__author", "message__account", "message__delivery", "message__customer")
        .prefetch_related(
            Prefetch("message__participants", people),
            Prefetch("message__attachments", Attachment.objects.order_by("pk")),
        )
        .order_by("-at", "-pk")[:limit]
    )


def _lines(entries: list[Entry], user: Any) -> list[Line]:
    marks = dict(
        ReadMark.objects.filter(
            user_id=getattr(user, "pk", None), conversation_id__in={entry.conversation_id for entry in entries}
        ).values_list("conversation_id", "read_until")
    )
    return [_line(entry, user, marks.get(entry.conversation_id)) for entry in entries]


def _line(entry: Entry, user: Any, read_until: datetime | None) -> Line:
    message = entry.message
    return Line(
        entry,
        message,
        getattr(message, "delivery", None) if message else None,
        tuple(message.participants.all()) if message else (),
        tuple(message.attachments.all()) if message else (),
        _author(entry, message, user),
        entry.inbound and (read_until is None or entry.at > read_until),
        entry.data,
    )


def _author(entry: Entry, message: Message | None, user: Any) -> str:
    if entry.note is not None:
        return (entry.note.author.get_full_name() or entry.note.author.username) if entry.note.author else ""
    if message is None:
        return ""
    if message.inbound:
        return masked(message.customer, user).name.text if isinstance(message.customer, Customer) else ""
    delivery = getattr(message, "delivery", None)
    return delivery.created_by if delivery else ""


def with_unread(conversations: QuerySet[Conversation], user: Any) -> QuerySet[Conversation]:
    """Annotate `unread`: the customer wrote after this person last looked."""
    read = ReadMark.objects.filter(conversation=OuterRef("pk"), user=user, read_until__gte=OuterRef("last_inbound_at"))
    return conversations.annotate(unread=Q(last_inbound_at__isnull=False) & ~Exists(read))


def waiting(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Conversations in which the customer waits for an answer, longest first."""
    return conversations.filter(status="open", waiting_since__isnull=False).order_by(F("waiting_since").asc())
