"""Finding the conversation an inbound message belongs to, or beginning one.

What proves a thread, in this order: our signed token, a reference to a message we know, a tag in the subject; then
the open conversation of the same address. Every one counts only if the sender takes part in it already: a guessed
number or a forwarded mail must not let a stranger into somebody's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from console.channels.models import Message, MessageParticipant
from console.channels.tokens import key_in
from console.events import NewEvent, emit_many
from console.foundation.text import normalise

from ..models import Conversation, ConversationStatus, Entry, EntryKind
from .base import actor_of, index_later, tell

OTHER_ADDRESS = "other_address"
# Mail: the same subject again, not answered to; elsewhere people simply go on writing.
MAIL_WINDOW = timedelta(days=14)
CHAT_WINDOW = timedelta(hours=72)
_THREAD = re.compile(r"t([0-9]{1,18})\Z")
_PREFIX = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|答复|回复|回覆|转发|轉寄)\s*(?:\[\d+\])?\s*[:：]\s*|\[#?t\d+\]\s*|【转发】|【回复】)+",
    re.IGNORECASE,
)
MAX_REFERENCES = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a conversation or a new one, with what is odd about it."""

    conversation: Conversation | None
    flag: str = ""
    related_id: int | None = None


def attach_many(messages: Sequence[Message]) -> list[Entry]:
    """Put the inbound messages of a batch into their conversations, in the transaction that stores them.

    Messages that name no thread are placed together, with a handful of queries; the others one by one, in order.
    """
    entries: list[Entry] = []
    plain: list[Message] = []
    for message in messages:
        if message.automatic or message.thread or message.tokens or message.in_reply_to or message.references:
            entries += _attach_plain(plain)
            plain = []
            entry = attach(message)
            entries += [entry] if entry else []
        else:
            plain.append(message)
    return entries + _attach_plain(plain)


def attach(message: Message) -> Entry | None:
    """Put one inbound message into its conversation, in the transaction that stores it.

    None for automatic mail that belongs nowhere: it is kept as a message and begins nothing. Automatic mail never
    reopens a conversation and never counts as the customer waiting.
    """
    place = find_place(message)
    if message.automatic:
        return _attach_automatic(message, place)
    return _attach(message, place)


def adopt(message: Message, who: object) -> Entry:
    """A person says that a message kept aside is one after all: give it a conversation."""
    known = Entry.objects.filter(message=message).first()
    if known is not None:
        return known
    return _attach(message, Place(None), who)


def find_place(message: Message) -> Place:
    """Which conversation this message continues, and whether its sender may."""
    for conversation in _candidates(message):
        if takes_part(message, conversation):
            return Place(conversation)
        return Place(None, OTHER_ADDRESS, conversation.pk)
    return Place(None if message.automatic else _open_conversation(message))


def takes_part(message: Message, conversation: Conversation) -> bool:
    """Whether the sender is the customer of the conversation or has been in it."""
    if message.identity_id and message.identity_id == conversation.identity_id:
        return True
    if message.customer_id and message.customer_id == conversation.customer_id:
        return True
    seen = MessageParticipant.objects.filter(
        identity_id=message.identity_id, message__entry__conversation_id=conversation.pk
    )
    return seen.exists()


def base_subject(subject: str) -> str:
    """A subject without what mail programs put before it."""
    return normalise(_PREFIX.sub("", subject)).strip()


def _candidates(message: Message) -> Iterator[Conversation]:
    """Conversations the message names, best proof first."""
    yield from _by_names([message.thread] if message.thread else [])
    yield from _by_references(message)
    yield from _by_names(message.tokens)


def _by_names(names: list[str]) -> list[Conversation]:
    pks = [int(match[1]) for name in names if (match := _THREAD.match(name))]
    found = Conversation.objects.in_bulk(pks) if pks else {}
    return [found[pk] for pk in pks if pk in found]


def _by_references(message: Message) -> list[Conversation]:
    """The conversation of the message answered to; failing that, of the nearest one in the chain."""
    refs = [ref for ref in (message.in_reply_to, *reversed(message.references)) if ref][:MAX_REFERENCES]
    if not refs:
        return []
    # Ids we made hold the key of their delivery, by which an outbound message is known from the first moment.
    keys = [key_in(ref) or ref for ref in refs]
    named = Q(message__wire_id__in={*refs, *keys})
    rows = Entry.objects.filter(named, kind=EntryKind.MESSAGE).exclude(message_id=message.pk)
    found = {row.message.wire_id: row.conversation for row in rows.select_related("conversation", "message")[:100]}
    return [found[name] for pair in zip(refs, keys, strict=True) for name in pair if name in found][:1]


def _open_conversation(message: Message) -> Conversation | None:
    """The conversation that is still going on with this very address on this channel."""
    return _fitting(message, _open_conversations([message]))


def _open_conversations(messages: Sequence[Message]) -> list[Conversation]:
    """Conversations that might go on with these messages, latest first."""
    since = min(message.reached_at for message in messages) - max(MAIL_WINDOW, CHAT_WINDOW)
    rows = Conversation.objects.filter(
        identity_id__in={message.identity_id for message in messages},
        status=ConversationStatus.OPEN,
        last_message_at__gte=since,
    )
    return list(rows.order_by("-last_message_at")[: 20 * len(messages)])


def _fitting(message: Message, rows: Sequence[Conversation]) -> Conversation | None:
    """The one of these conversations this message goes on with."""
    if message.meta.get("new_matter"):
        return None
    mail = message.account.channel_kind == "email"
    since = message.reached_at - (MAIL_WINDOW if mail else CHAT_WINDOW)
    near = [
        row for row in rows
        if row.identity_id == message.identity_id
        and row.account_id == message.account_id
        and row.last_message_at >= since
    ]  # fmt: skip
    if not mail:
        return near[0] if near else None
    subject = base_subject(message.subject)
    return next((row for row in near if subject and base_subject(row.subject) == subject), None)


def _attach_plain(messages: Sequence[Message]) -> list[Entry]:
    """Messages that name no thread: each goes on with an open conversation of its sender or begins one."""
    if not messages:
        return []
    known = _open_conversations(messages)
    begun: list[Conversation] = []
    placed: list[tuple[Message, Conversation, bool]] = []
    for message in messages:
        conversation = _fitting(message, [*reversed(begun), *known])
        new = conversation is None
        if new:
            conversation = _unsaved(message, Place(None))
            begun.append(conversation)
        placed.append((message, conversation, new))
    Conversation.objects.bulk_create(begun)
    entries = [_unsaved_entry(conversation, message) for message, conversation, _ in placed]
    Entry.objects.bulk_create(entries)
    for message, conversation, new in placed:
        if not new:
            _go_on(conversation, message)
    emit_many(
        _added(entry, message, Place(None if new else conversation))
        for entry, (message, conversation, new) in zip(entries, placed, strict=True)
    )
    index_later()
    return entries


def _attach(message: Message, place: Place, who: object = None) -> Entry:
    conversation = place.conversation
    if conversation is None:
        conversation = _unsaved(message, place)
        conversation.save(force_insert=True)
    entry = _unsaved_entry(conversation, message)
    entry.save(force_insert=True)
    if place.conversation is not None:
        _go_on(conversation, message)
    emit_many([_added(entry, message, place, who)])
    index_later()
    return entry


def _added(entry: Entry, message: Message, place: Place, who: object = None) -> NewEvent:
    """The news that a message stands in a conversation."""
    conversation = entry.conversation
    return NewEvent(
        f"conversation:{conversation.pk}",
        "conversation.message_added",
        {
            "conversation_id": conversation.pk,
            "message_id": message.pk,
            "entry_id": entry.pk,
            "account_id": message.account_id,
            "customer_id": conversation.customer_id,
            "inbound": message.inbound,
            "is_new_conversation": place.conversation is None,
            "flagged": place.flag,
            "related_id": place.related_id,
        },
        actor=actor_of(who) if who is not None else None,
        correlation_id=message.correlation_id,
    )


def _attach_automatic(message: Message, place: Place) -> Entry | None:
    if place.conversation is None:
        return None
    entry = _unsaved_entry(place.conversation, message)
    entry.save(force_insert=True)
    tell(
        place.conversation,
        "conversation.automatic_added",
        message_id=message.pk,
        entry_id=entry.pk,
        automatic=message.automatic,
    )
    index_later()
    return entry


def _unsaved(message: Message, place: Place) -> Conversation:
    account = message.account
    return Conversation(
        customer=message.customer,
        identity=message.identity,
        account=account,
        subject=message.subject,
        flag=place.flag,
        site_id=account.site_id or (message.customer.site_id if message.customer else None),
        team_id=account.team_id,
        last_message_at=message.reached_at,
        last_inbound_at=message.reached_at,
        waiting_since=message.reached_at,
    )


def _go_on(conversation: Conversation, message: Message) -> None:
    """Move a conversation on; a closed one is open again. Done in the database: two messages may come at once."""
    at = message.reached_at
    rows = Conversation.objects.filter(pk=conversation.pk)
    rows.filter(Q(last_message_at__lt=at) | Q(last_message_at=None)).update(last_message_at=at)
    rows.filter(Q(last_inbound_at__lt=at) | Q(last_inbound_at=None)).update(last_inbound_at=at)
    rows.filter(waiting_since=None).update(waiting_since=at)
    if rows.filter(status=ConversationStatus.CLOSED).update(status=ConversationStatus.OPEN, closed_at=None):
        tell(conversation, "conversation.reopened", message_id=message.pk)


def _unsaved_entry(conversation: Conversation, message: Message) -> Entry:
    return Entry(
        conversation=conversation,
        kind=EntryKind.MESSAGE,
        message=message,
        inbound=message.inbound,
        at=message.reached_at if message.inbound else timezone.now(),
    )


def sent_many(messages: Sequence[Message]) -> list[Entry]:
    """Outbound messages that name one of our threads appear in it, whoever sent them."""
    threads = {message.pk: int(match[1]) for message in messages if (match := _THREAD.match(message.thread))}
    # Locked in one order for everybody, so that two batches wait for each other only once.
    rows = Conversation.objects.filter(pk__in=set(threads.values())).order_by("pk")
    found = {row.pk: row for row in rows.select_for_update(no_key=True)} if threads else {}
    placed = [(found[threads[message.pk]], message) for message in messages if threads.get(message.pk) in found]
    if not placed:
        return []
    entries = Entry.objects.bulk_create(_unsaved_entry(conversation, message) for conversation, message in placed)
    Conversation.objects.filter(pk__in=found).update(last_message_at=timezone.now())
    emit_many(
        _added(entry, message, Place(conversation))
        for entry, (conversation, message) in zip(entries, placed, strict=True)
    )
    index_later()
    return entries
