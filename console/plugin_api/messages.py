"""What crosses the border between a connector and the core: plain frozen values, no models.

Text fields are Unicode as the customer wrote it; the core cleans NULs, masks numbers, limits sizes and
stores. Times are aware datetimes. Mappings are not to be changed by whoever receives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .capabilities import DeliveryStatus, IdentityLevel, MediaKind, SendClass


class ParticipantRole(StrEnum):
    """The part an address plays in one message."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    REPLY_TO = "reply_to"


@dataclass(frozen=True, slots=True)
class Address:
    """One address on one channel: a mailbox, a phone number, an open id. `value` is compared trimmed.

    `kind` only where the address belongs to another kind of channel than the one it came by: the "email" or "phone"
    somebody leaves on a form.
    """

    value: str
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """An address and its part in the message."""

    role: ParticipantRole
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeView:
    """Raw bytes as they came. The host stores it before `parse` sees it; `poll` returns the same type.

    `reached_at` is when the voice reached the bank (the mailbox, the provider), `received_at` when the host
    stored it: None in what `poll` returns. `provider_ref` names the item at the provider (UID, file name,
    update id).
    """

    raw: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    reached_at: datetime | None = None
    received_at: datetime | None = None
    provider_ref: str = ""
    query: Mapping[str, str] = field(default_factory=dict)  # query string of a webhook call


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundAttachment:
    """One file that came along. `content_id` without angle brackets; `inline` if the HTML shows it."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMedia:
    """A file the provider keeps and the message only names. The core stores the message at once and fetches the file
    afterwards with `fetch_media(ref)`.

    `name` may stay empty, `content_type` is what the provider says of it. `gone_at` is when the provider forgets it;
    None means three days.
    """

    ref: str
    kind: MediaKind = MediaKind.DOCUMENT
    name: str = ""
    content_type: str = ""
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadHints:
    """What may tell which conversation goes on. `tokens` are what was found in plus-addresses and subjects.

    Hints are claims: the core follows one only if the sender already takes part.
    """

    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEvidence:
    """What the channel knows about the sender. The core never accepts a level above
    `Capabilities.identity_max`.
    """

    level: IdentityLevel = IdentityLevel.L0
    method: str = ""
    subject: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One utterance of a customer. The core keeps at most one per (account, provider_message_id).

    `provider_message_id` must be the same whenever the same message is parsed; without one of the
    provider's, derive it from the raw bytes. `wire_id` is what other messages refer to in their thread hints
    (a mail's Message-ID); empty means `provider_message_id`. `automatic` is None for a human, else a short
    word why not ("auto_reply", "list", "loop"). `quoted_text` is what was cut off `text` as quotation. `meta`
    is JSON-able and small. `new_matter`: the sender said so, and an open conversation of theirs is not continued.
    `case_type` and `fields` are what a form asked: a wish for the kind of case, and values of its custom fields by
    code. The core takes what fits the type; say everything in `text` too. `media` are files still to be fetched.
    `opens` names the act of a `ReplyWindow` of the account, when this message gives us the right to answer.
    """

    provider_message_id: str
    sender: Address
    recipients: tuple[Participant, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    quoted_text: str = ""
    attachments: tuple[InboundAttachment, ...] = ()
    media: tuple[InboundMedia, ...] = ()
    occurred_at: datetime | None = None
    thread: ThreadHints = ThreadHints()
    automatic: str | None = None
    evidence: IdentityEvidence | None = None
    language: str = ""
    wire_id: str = ""
    new_matter: bool = False
    opens: str = ""
    case_type: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReceipt:
    """News about something we sent, named by `provider_message_id`, by our own `delivery_key`, or, when a
    bounce tells no more, by `recipient` alone (give at least one).

    May come twice, late, or before the send returned; the core moves the status forward only. `recipient` is
    also set when the news is about one of several.
    """

    status: DeliveryStatus
    provider_message_id: str = ""
    delivery_key: str = ""
    at: datetime | None = None
    code: str = ""
    detail: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNotice:
    """Something about the channel itself: `kind` is a short code ("subscribed", "quota", "unreadable").

    "opted_out" with an `address`: its owner wants no more marketing and surveys here; the core notes it in the
    ledger of consents.
    """

    kind: str
    detail: str = ""
    address: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


Parsed = InboundMessage | DeliveryReceipt | ChannelNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class PollBatch:
    """What one `poll` found, oldest first.

    `acknowledge` is empty or holds one opaque reference for each envelope, in the same order; the host
    hands those of committed envelopes to `acknowledge`. `next_cursor` is stored in the same transaction as
    the envelopes. `more` asks to be polled again at once. `notices` report items that could not even be
    fetched.
    """

    envelopes: tuple[EnvelopeView, ...] = ()
    next_cursor: str = ""
    acknowledge: tuple[str, ...] = ()
    more: bool = False
    notices: tuple[ChannelNotice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundAttachment:
    """One file to send, already checked by the core for type, size and malware."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """What to send; policy has said yes. `key` is ours, stable over every attempt: use it as idempotency key.

    `in_reply_to` and `references` are provider message ids, oldest first. `thread_token` is opaque and
    signed by the core; a channel that has a place for it (plus-address, subject tag, scene) puts it there
    and finds it in `parse`.
    """

    key: str
    recipients: tuple[Participant, ...]
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: tuple[OutboundAttachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread_token: str = ""
    send_class: SendClass = SendClass.REPLY
    language: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


class SendOutcome(StrEnum):
    """How an attempt ended. `UNKNOWN`: the provider may have taken it; never blindly sent again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETRY_LATER = "retry_later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientResult:
    """The outcome for one of several recipients, when the provider tells."""

    address: str
    outcome: SendOutcome
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """Answer of `send` and `lookup`. Build it with the four class methods."""

    outcome: SendOutcome
    provider_message_id: str = ""
    code: str = ""
    detail: str = ""
    retry_after: float | None = None
    recipients: tuple[RecipientResult, ...] = ()

    @classmethod
    def accepted(cls, provider_message_id: str = "", **more: Any) -> SendResult:
        """The provider took it."""
        return cls(outcome=SendOutcome.ACCEPTED, provider_message_id=provider_message_id, **more)

    @classmethod
    def rejected(cls, code: str, detail: str = "", **more: Any) -> SendResult:
        """The provider refused it for good."""
        return cls(outcome=SendOutcome.REJECTED, code=code, detail=detail, **more)

    @classmethod
    def retry_later(cls, seconds: float = 60, code: str = "", detail: str = "") -> SendResult:
        """Certainly not taken; the same message may be sent after `seconds`."""
        return cls(outcome=SendOutcome.RETRY_LATER, code=code, detail=detail, retry_after=seconds)

    @classmethod
    def unknown(cls, code: str = "", detail: str = "", **more: Any) -> SendResult:
        """It may have been taken: the line broke after the hand-over."""
        return cls(outcome=SendOutcome.UNKNOWN, code=code, detail=detail, **more)


class HealthState(StrEnum):
    """How an account or a plugin feels."""

    OK = "ok"
    DEGRADED = "degraded"
    AUTH_FAILED = "auth_failed"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthResult:
    """Answer of `test_connection` and `health_check`; `detail` is a sentence for an operator, `field` marks
    the form.
    """

    state: HealthState
    detail: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """A provider's call at `/hooks/<account>/`, before anything is stored. Header names are lower-case."""

    method: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainResponse:
    """What the provider shall get. The host adds nothing but the length."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The call is authentic. `provider_ref` may name it for the ledger."""

    provider_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The call is not authentic; `reason` is a short code ("bad_signature", "stale", "replayed")."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the core wants said in a synchronous answer, for `reply`."""

    text: str = ""
    language: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
