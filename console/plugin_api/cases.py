"""A case as an extension sees it: what it is about, and no more. Names, addresses and identifiers stay in the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One message of the case, as stored: card, identity and telephone numbers in it are masked."""

    text: str
    inbound: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One place of a classification: its dimension and code, and its name for people."""

    dimension: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One matter. `categories` maps a dimension to the code chosen; `messages` are the latest, oldest first."""

    number: str
    type: str
    state: str
    subject: str
    channel: str = ""
    language: str = "zh-hans"
    grade: int | None = None
    opened_at: datetime | None = None
    categories: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[Utterance, ...] = ()

    @property
    def words(self) -> str:
        """The customer's own words, one message a line."""
        return "\n".join(message.text for message in self.messages if message.inbound)
