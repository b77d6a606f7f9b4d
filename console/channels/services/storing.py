"""Writing what a batch of envelopes held, with a handful of queries for the whole batch, in one transaction.

The unique keys of `Arrival` decide who was first. Whoever comes second finds out in the database, rolls back, looks
again and sees a duplicate: that is how two fetchers and a killed worker end with one message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from console.customers.masks import mask_address
from console.customers.services.identities import resolve_identities
from console.events import NewEvent, emit_many
from console.plugin_api.channels import ChannelNotice, DeliveryReceipt

from ..fresh import remember
from ..models import (
    Arrival,
    Attachment,
    Envelope,
    EnvelopeOutcome,
    EnvelopeStatus,
    Message,
    MessageParticipant,
)
from .fetching import expect, referred
from .opting import opt_out
from .preparing import Prepared
from .receipts import apply_receipt
from .windows import note_acts

_takers: list[Callable[[list[Message]], None]] = []


@dataclass(slots=True)
class Opened:
    """One envelope after parsing: its messages ready, its receipts and notices as they came."""

    envelope: Envelope
    messages: list[Prepared] = field(default_factory=list)
    receipts: list[DeliveryReceipt] = field(default_factory=list)
    notices: list[ChannelNotice] = field(default_factory=list)
    fresh: list[Prepared] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """The one word the ledger counts this envelope under."""
        if self.fresh:
            human = any(not one.message.automatic for one in self.fresh)
            return EnvelopeOutcome.MESSAGE if human else EnvelopeOutcome.AUTOMATIC
        if self.receipts:
            return EnvelopeOutcome.RECEIPT
        if self.messages:
            return EnvelopeOutcome.DUPLICATE
        return EnvelopeOutcome.NOTICE if self.notices else EnvelopeOutcome.EMPTY


def store(batch: Sequence[Opened]) -> list[Message]:
    """Store everything of these envelopes and mark them parsed, all or nothing. Returns the new messages.

    Raises IntegrityError when another worker stored one of the messages in the meantime: call again.
    """
    with transaction.atomic():
        fresh, again = _sort_out(batch)
        if fresh:
            _write_messages(fresh, _resolve(fresh))
            note_acts(fresh)
        if fresh or again:
            _note_arrivals(fresh, again)
        for opened in batch:
            for receipt in opened.receipts:
                apply_receipt(opened.envelope.account, receipt, envelope=opened.envelope)
            for notice in opened.notices:
                opt_out(notice, opened.envelope)
        _close(batch)
        emit_many([*_notices(batch), *(_received(one) for one in fresh)])
        messages = [one.message for one in fresh]
        for take in _takers if messages else ():
            take(messages)
    return messages


def register_taker(take: Callable[[list[Message]], None]) -> None:
    """Called from ready() by the room that gives messages their place: `take(messages)` runs once for each stored
    batch, inside its transaction, after the events. An error undoes the batch; its envelopes are then stored singly.
    """
    if take not in _takers:
        _takers.append(take)


def seen_before(keys: Sequence[str]) -> dict[tuple[str, str], tuple[int, set[int]]]:
    """For (scope, key): the message that has it and the accounts over which it arrived."""
    found: dict[tuple[str, str], tuple[int, set[int]]] = {}
    rows = Arrival.objects.filter(provider_message_id__in=set(keys))
    for scope, key, message_id, account_id in rows.values_list(
        "scope", "provider_message_id", "message_id", "account_id"
    ):
        found.setdefault((scope, key), (message_id, set()))[1].add(account_id)
    return found


def _sort_out(batch: Sequence[Opened]) -> tuple[list[Prepared], list[tuple[Prepared, Prepared | int]]]:
    """Messages nobody stored yet, and those that only came in by one more way: with the first one, or its id."""
    seen = seen_before([one.key for opened in batch for one in opened.messages])
    fresh: dict[tuple[str, str], Prepared] = {}
    again: dict[tuple[int, str], tuple[Prepared, Prepared | int]] = {}
    for opened in batch:
        opened.fresh = []
        for one in opened.messages:
            place = (one.scope, one.key)
            if place in fresh:
                if fresh[place].account.pk != one.account.pk:
                    again[one.account.pk, one.key] = (one, fresh[place])
            elif place not in seen:
                fresh[place] = one
                opened.fresh.append(one)
            elif one.account.pk not in seen[place][1]:
                again[one.account.pk, one.key] = (one, seen[place][0])
    return list(fresh.values()), list(again.values())


def _note_arrivals(fresh: list[Prepared], again: list[tuple[Prepared, Prepared | int]]) -> None:
    rows = [_arrival(one, one.message.pk, first=True) for one in fresh]
    rows += [_arrival(one, first if isinstance(first, int) else first.message.pk, first=False) for one, first in again]
    # In one order for everybody, so that two workers with the same mails wait for each other only once.
    rows.sort(key=lambda row: (row.provider_message_id, row.account_id))
    Arrival.objects.bulk_create(rows)


def _arrival(one: Prepared, message_id: int, *, first: bool) -> Arrival:
    return Arrival(
        account=one.account,
        scope=one.scope,
        provider_message_id=one.key,
        first=first,
        message_id=message_id,
        envelope=one.envelope,
        reached_at=one.envelope.reached_at,
    )


def _resolve(fresh: list[Prepared]) -> list[list[MessageParticipant]]:
    """Find or make the identities of everybody in these messages; the participants, not yet saved."""
    identities = iter(resolve_identities([seen for one in fresh for _, seen in one.people]))
    participants = []
    for one in fresh:
        people = [(role, seen, next(identities)) for role, seen in one.people]
        one.message.identity = people[0][2]
        one.message.customer = people[0][2].customer
        mine = [_participant(one.message, role, identity, seen.address) for role, seen, identity in people]
        participants.append(mine + [_own(one.message, role, value) for role, value in one.own])
    return participants


def _write_messages(fresh: list[Prepared], participants: list[list[MessageParticipant]]) -> None:
    Message.objects.bulk_create([one.message for one in fresh])
    MessageParticipant.objects.bulk_create([row for rows in participants for row in rows])
    files, named = [], []
    for one, rows in zip(fresh, participants, strict=True):
        remember(one.message, rows)
        for file in one.attachments:
            file.message = one.message
            files.append(file)
        named += referred(one.message, one.account, one.item.media)
    if files or named:
        Attachment.objects.bulk_create([*files, *named])
        expect(named)


def _participant(message: Message, role: str, identity: Any, address: str) -> MessageParticipant:
    label = mask_address(identity.channel_kind, address)[:160]
    return MessageParticipant(message=message, role=role, identity=identity, label=label)


def _own(message: Message, role: str, value: str) -> MessageParticipant:
    return MessageParticipant(message=message, role=role, own=True, label=value[:160])


def _close(batch: Sequence[Opened]) -> None:
    """Mark the envelopes parsed, one update for each outcome."""
    by_outcome: dict[tuple[str, int], list[int]] = {}
    for opened in batch:
        items = len(opened.messages) + len(opened.receipts) + len(opened.notices)
        by_outcome.setdefault((opened.outcome, items), []).append(opened.envelope.pk)
    for (outcome, items), pks in by_outcome.items():
        Envelope.objects.filter(pk__in=pks).update(
            status=EnvelopeStatus.PARSED,
            outcome=outcome,
            items=items,
            parsed_at=timezone.now(),
            next_attempt_at=None,
            lease_until=None,
            reason="",
            traceback="",
            last_error="",
        )


def _received(one: Prepared) -> NewEvent:
    message = one.message
    return NewEvent(
        f"account:{one.account.pk}",
        "message.automatic" if message.automatic else "message.received",
        {
            "message_id": message.pk,
            "account_id": one.account.pk,
            "envelope_id": one.envelope.pk,
            "channel": one.account.channel_kind,
            "customer_id": message.customer_id,
            "identity_id": message.identity_id,
            **({"automatic": message.automatic} if message.automatic else {}),
        },
        correlation_id=message.correlation_id,
    )


def _notices(batch: Sequence[Opened]) -> list[NewEvent]:
    return [
        NewEvent(
            f"account:{opened.envelope.account_id}",
            "channel.notice",
            {"account_id": opened.envelope.account_id, "envelope_id": opened.envelope.pk, "kind": notice.kind[:60]},
            correlation_id=opened.envelope.correlation_id,
        )
        for opened in batch
        for notice in opened.notices
    ]
