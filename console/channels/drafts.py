"""What a caller wants sent, and the words in which policy says no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from console.customers.models import Identity
from console.plugin_api.channels import SendClass

from .models import Attachment, ChannelAccount, Message, Role


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to write to."""

    identity: Identity
    role: str = Role.TO


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file given in memory, checked like any other before it goes out."""

    name: str
    content: bytes
    content_type: str = ""
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One message as its author wants it, before policy has spoken.

    `thread` names the conversation for the token that goes out with it. `confirmed` holds the codes of refusals that
    the author has read and still wants to send. `automatic` is for what nobody wrote just now; left open, it is
    derived from the actor. `known` are identities who already take part. `hidden` are texts only the reader may see (a
    code, a personal link): they go out, and stand as dots in what is stored.
    """

    account: ChannelAccount
    recipients: tuple[Recipient, ...]
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment | Upload, ...] = ()
    send_class: str = SendClass.REPLY.value
    in_reply_to: Message | None = None
    undo_seconds: float = 0
    purpose: str = ""
    language: str = ""
    thread: str = ""
    confirmed: frozenset[str] = frozenset()
    automatic: bool | None = None
    correlation_id: str = ""
    known: frozenset[int] = frozenset()
    hidden: tuple[str, ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)

    def to(self) -> tuple[Recipient, ...]:
        return tuple(one for one in self.recipients if one.role == Role.TO)

    @property
    def primary(self) -> Recipient | None:
        """Whom the message is for."""
        return next(iter(self.to()), self.recipients[0] if self.recipients else None)

    def customer_ids(self) -> frozenset[int]:
        return frozenset(one.identity.customer_id for one in self.recipients)

    def words(self) -> str:
        """Everything a reader would see, for the checks."""
        return "\n".join(part for part in (self.subject, self.text) if part)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft may not go out as it is, and what would be allowed. Both sentences are for the author.

    `confirmable` means: say so (`Draft.confirmed`) and it goes.
    """

    code: str
    text: str | Promise
    allowed: str | Promise
    confirmable: bool = False
    data: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """`send` was called with a draft that policy refuses; `refusals` say why."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))
