"""Everything about a parsed message that needs no transaction: cleaning, masking, sanitising, filing its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from console.customers.services.identities import AddressSeen
from console.foundation.text import clean, squeeze
from console.foundation.text.masking import mask_text
from console.plugin_api.channels import Address, IdentityEvidence, InboundMessage

from ..html import safe_html
from ..models import Attachment, ChannelAccount, Direction, Envelope, Message, Role
from ..tokens import claimed_thread, read_token
from .intake import short

MAX_SUBJECT = 500
MAX_TEXT = 1_000_000
MAX_FIELD = 20_000
MAX_PEOPLE = 40
MAX_REFERENCES = 50
LOOP = "loop"


@dataclass(slots=True)
class Prepared:
    """One inbound message, ready to be stored. `people` are the addresses that are not ours."""

    item: InboundMessage
    envelope: Envelope
    account: ChannelAccount
    key: str
    scope: str
    message: Message
    people: list[tuple[str, AddressSeen]] = field(default_factory=list)
    own: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Us:
    """Addresses that are ours, by kind of channel: a message from one of them is a loop."""

    by_kind: dict[str, frozenset[str]]

    def is_us(self, kind: str, address: str) -> bool:
        known = self.by_kind.get(kind, frozenset())
        value = address.strip().lower()
        if value in known:
            return True
        local, at, domain = value.partition("@")
        return bool(at) and "+" in local and f"{local.partition('+')[0]}@{domain}" in known


def prepare(
    item: InboundMessage,
    envelope: Envelope,
    account: ChannelAccount,
    scope: str,
    us: Us,
    evidence: IdentityEvidence | None,
) -> Prepared:
    """Turn what the connector said into unsaved rows. Pure, and total for any message the contract lets through."""
    prepared = Prepared(
        item, envelope, account, short(item.provider_message_id, 255), scope, _message(item, envelope, account)
    )
    sender = item.sender.value.strip() or "unknown"
    if us.is_us(account.channel_kind, sender):
        prepared.message.automatic = prepared.message.automatic or LOOP
    prepared.people.append((Role.FROM, _seen(account, sender, item.sender, evidence)))
    _recipients(prepared, us)
    return prepared


def _recipients(prepared: Prepared, us: Us) -> None:
    account, seen = prepared.account, set()
    for one in prepared.item.recipients:
        value = one.address.value.strip()
        if not value or (one.role, value.lower()) in seen:
            continue
        seen.add((one.role, value.lower()))
        if us.is_us(account.channel_kind, value):
            prepared.own.append((str(one.role), value))
        elif len(prepared.people) < MAX_PEOPLE:
            prepared.people.append((str(one.role), _seen(account, value, one.address, None)))
        else:
            left_out = prepared.message.meta.get("recipients_left_out", 0)
            prepared.message.meta["recipients_left_out"] = left_out + 1


def _seen(account: ChannelAccount, value: str, address: Address, evidence: IdentityEvidence | None) -> AddressSeen:
    kind = clean(address.kind)[:32] or account.channel_kind
    return AddressSeen(kind, value, account, clean(address.name)[:200], evidence)


def _message(item: InboundMessage, envelope: Envelope, account: ChannelAccount) -> Message:
    texts = {name: clean(getattr(item, name)) for name in ("subject", "text", "quoted_text")}
    shown = {name: mask_text(value[:MAX_TEXT]) for name, value in texts.items()}
    meta = _meta(item)
    if any(len(value) > MAX_TEXT for value in texts.values()):
        meta["truncated"] = True
    signed, claimed = _threads(item)
    return Message(
        account=account,
        envelope=envelope,
        direction=Direction.INBOUND,
        provider_message_id=short(item.provider_message_id, 255),
        wire_id=short(item.wire_id or item.provider_message_id, 255),
        touchpoint_id=account.touchpoint_id,
        subject=squeeze(shown["subject"])[:MAX_SUBJECT],
        text=shown["text"],
        html=safe_html(item.html),
        quoted_text=shown["quoted_text"],
        masked=any(shown[name] != value[:MAX_TEXT] for name, value in texts.items()),
        occurred_at=_occurred(item.occurred_at, envelope.reached_at),
        reached_at=envelope.reached_at,
        in_reply_to=short(item.thread.in_reply_to, 255),
        references=[short(ref, 255) for ref in item.thread.references[-MAX_REFERENCES:]],
        tokens=claimed,
        thread=signed,
        automatic=(item.automatic or "")[:40],
        language=(item.language or "")[:10],
        meta=meta,
        correlation_id=envelope.correlation_id,
    )


def _threads(item: InboundMessage) -> tuple[str, list[str]]:
    """The thread a token of ours proves, and those an unsigned tag merely claims."""
    signed = next((thread for token in item.thread.tokens if (thread := read_token(token))), "")
    claimed = [thread for token in item.thread.tokens if (thread := claimed_thread(token))]
    return signed, claimed[:10]


def _meta(item: InboundMessage) -> dict[str, Any]:
    """The connector's small facts, cleaned; anything bulky or odd is left out."""
    kept = {}
    for name, value in list(item.meta.items())[:30]:
        if isinstance(value, str) and len(value) <= 500:
            kept[clean(str(name))[:60]] = mask_text(clean(value))
        elif isinstance(value, bool | int | float) or value is None:
            kept[clean(str(name))[:60]] = value
    return kept | _asked(item)


def _asked(item: InboundMessage) -> dict[str, Any]:
    """What a form asked, for whoever opens the case: numbers masked like everywhere else."""
    asked: dict[str, Any] = {"new_matter": True} if item.new_matter else {}
    if item.case_type:
        asked["case_type"] = clean(item.case_type)[:40]
    if item.fields:
        asked["fields"] = {clean(name)[:60]: _masked(value) for name, value in list(item.fields.items())[:100]}
    return asked


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(clean(value)[:MAX_FIELD])
    return [_masked(one) for one in value[:100] if isinstance(one, str)] if isinstance(value, list) else value


def _occurred(said: datetime | None, reached: datetime) -> datetime:
    """When it was written, as far as one can believe it: not after it reached us, not years before."""
    if said is None or said > reached + timedelta(minutes=10) or said < reached - timedelta(days=365):
        return reached
    return said
