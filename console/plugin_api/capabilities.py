"""What a channel can do, as data: the core checks it before a send and the composer shows it before anyone
types.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class IdentityLevel(IntEnum):
    """How sure we are who is speaking. A connector reports evidence; only core policy turns it into
    permission.
    """

    L0 = 0  # nobody in particular
    L1 = 1  # the same pseudonym each time
    L2 = 2  # bound to a customer
    L3 = 3  # bound, and freshly verified


class DeliveryStatus(StrEnum):
    """Where a sent message stands. Only forward: queued < sent < delivered < read; failed and unknown stand
    aside.
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


class SendClass(StrEnum):
    """Why a message is sent. Policy is by class: codes and replies are never delayed, marketing needs
    consent.
    """

    SECURITY_CODE = "security_code"
    STATUTORY_NOTICE = "statutory_notice"
    REPLY = "reply"
    SERVICE = "service"
    MARKETING = "marketing"


class MediaKind(StrEnum):
    """Kinds of content a channel may carry beside plain text."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    LOCATION = "location"
    CARD = "card"


class ChannelClass(StrEnum):
    """Private channels can prove identity; open ones cannot, so they allow enquiry and suggestion only."""

    PRIVATE = "private"
    OPEN = "open"


class LinkRule(StrEnum):
    """Links allowed in outbound text. The core's link guard enforces it."""

    NONE = "none"
    BANK_ONLY = "bank_only"
    ANY = "any"


class ReceiptSource(StrEnum):
    """Where news about a sent message comes from."""

    NONE = "none"
    INBOUND = "inbound"  # among the inbound envelopes (bounce mails, status webhooks)
    LOOKUP = "lookup"  # only by asking: `lookup`


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWindow:
    """What something a customer did allows: so many answers (0 = any number) within so many seconds.

    `act` is the word an `InboundMessage.opens` names. Windows do not add up: a new act gives the larger count and the
    later end. The core keeps the count for each address and refuses before anybody types.
    """

    act: str
    seconds: int
    answers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Data, not code, one per connector; an account's configuration may narrow it, never widen it.

    Every default means "no": a field added later never grants anything to a connector that does not know it.
    """

    # in
    inbound_webhook: bool = False
    inbound_poll: bool = False
    inbound_listen: bool = False
    synchronous_reply: bool = False  # `reply` may answer inside the provider's request
    shared_message_ids: bool = False  # the same provider_message_id on two accounts is the same message (mail)
    # out
    outbound_text: bool = False
    outbound_html: bool = False
    outbound_template_only: bool = False  # only texts that are one of `templates`
    templates: tuple[str, ...] = ()  # approved beforehand, with ${name} where something changes
    subject: bool = False
    several_recipients: bool = False  # To/Cc/Bcc in one message
    proactive: bool = False  # may write first
    max_length: int = 0  # characters of text, 0 = outbound text is not possible
    max_bytes: int = 0  # of that text in UTF-8; 0 = not counted
    max_segments: int = 0  # parts of a text message, `adds` included (see `segments`); 0 = not counted
    gsm_alphabet: bool = False  # 160 / 153 where the text allows; otherwise every text is 70 / 67
    adds: str = ""  # what is put before every text, a signature: it counts
    links: LinkRule = LinkRule.NONE
    # media
    media: frozenset[MediaKind] = frozenset()
    max_media_bytes: int = 0  # one attachment
    max_total_bytes: int = 0  # the whole message
    max_inbound_bytes: int = 0  # one raw envelope; 0 = the host's own limit
    # news about what was sent
    delivery_receipts: bool = False
    read_receipts: bool = False
    receipt_source: ReceiptSource = ReceiptSource.NONE
    idempotent_send: bool = False  # the provider drops a second send with the same key
    reply_window_hours: int = 0  # after the message that is answered; 0 = none
    reply_windows: tuple[ReplyWindow, ...] = ()  # counted by the core, per address; the usual one first
    # who
    channel_class: ChannelClass = ChannelClass.OPEN
    identity_max: IdentityLevel = IdentityLevel.L0
    # manners
    typing: bool = False
    buttons: bool = False
    live: bool = False  # both sides are there at once (chat, phone)
