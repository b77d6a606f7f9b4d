"""What a mailbox hands over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One mail as it lay in the mailbox. `oversize` is its full size when only the header was read, else 0."""

    raw: bytes
    ref: str
    acknowledge: str
    stored_at: datetime | None = None
    oversize: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """Result of one look into a mailbox; `unreadable` names mails that could not be read at all."""

    mails: tuple[Fetched, ...] = ()
    cursor: str = ""
    more: bool = False
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one look may bring: mails, bytes of all together, bytes of one."""

    count: int = 100
    batch_bytes: int = 24 * 1024 * 1024
    mail_bytes: int = 30 * 1024 * 1024
