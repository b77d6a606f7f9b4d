"""What is known about one returned mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .codes import Meaning


class Action(StrEnum):
    """What became of the mail for one recipient."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One address a report speaks of; `address` may be empty when the report names none."""

    address: str
    action: Action
    meaning: Meaning
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A report about a mail of ours: `message_id` without brackets, `verp` the token of the bounce address."""

    recipients: tuple[Recipient, ...]
    message_id: str = ""
    verp: str = ""
    at: datetime | None = None
    notes: tuple[str, ...] = field(default=())
