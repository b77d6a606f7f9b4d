"""What a plugin adds besides channels: each kind is one class with one method, called with plain values.

Common to all kinds: the host calls an extension outside any transaction, with a time budget and without a database;
an `errors.PluginError` is understood as its class says; any other exception, a wrong return type or an overrun budget
is a bug, is recorded, and five of them in ten minutes open the circuit of that extension. Whatever happens, the page
is drawn, the message is stored and the next plugin is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from .cases import CaseView, Label
from .context import PluginContext
from .messages import HealthResult, HealthState

__all__ = [
    "Article",
    "Card",
    "CaseClassifier",
    "CaseEventHandler",
    "DashboardWidget",
    "DeskPanel",
    "EventView",
    "Extension",
    "HealthCheck",
    "HealthResult",
    "HealthState",
    "HubPage",
    "KnowledgeSource",
    "LabelSuggestion",
    "ReplyDraft",
    "ReplySuggester",
    "Row",
    "Source",
    "Tone",
]


class Extension:
    """Base of every kind below. Class attributes are read once, when the plugin is admitted."""

    slug: ClassVar[str]
    """Name of this extension, unique among those of its kind: lower-case letters, digits, underscores."""

    label: ClassVar[Any]
    """Name for people, a lazy translation."""

    priority: ClassVar[int] = 100
    """Smaller comes first; equals are ordered by slug."""

    def __init__(self, ctx: PluginContext) -> None:
        """Called before each call or batch of calls. Cheap: no I/O, no network."""
        self.ctx = ctx


# what is shown


class Tone(StrEnum):
    """How a row is coloured; its words say the same."""

    PLAIN = "plain"
    GOOD = "good"
    SOON = "soon"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a card: what it is, what it says, and where it leads (a path of this site, or https)."""

    label: str
    value: str = ""
    tone: Tone = Tone.PLAIN
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Something to look at, as data: the host draws it in the look and the language of the house."""

    text: str = ""
    rows: tuple[Row, ...] = ()


# events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """Something that happened. `data` holds ids and codes, never personal values; `id` is the key against twice."""

    id: str
    type: str
    stream: str
    at: datetime
    actor: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class CaseEventHandler(Extension):
    """Hears events after they were committed. The manifest names the types in `events`, as globs."""

    event_types: ClassVar[tuple[str, ...]]
    """Which events this handler takes, as globs ("case.*"); each must lie within the manifest's `events`."""

    def handle(self, event: EventView) -> None:
        """Called by a worker (30 s) at least once for each event; use `event.id` as the key against twice.

        If it raises, the event is handed over again with growing pauses, and in the end stands in the list of dead
        deliveries, where a person can have it repeated.
        """
        raise NotImplementedError


# health


class HealthCheck(Extension):
    """Says how something the plugin depends on is doing, besides the accounts of its channels."""

    def run(self) -> HealthResult:
        """Called every five minutes and on demand (10 s). Raising means `DOWN`; an alarm is raised until it is well."""
        raise NotImplementedError


# the desk


class DeskPanel(Extension):
    """A card beside the case."""

    def show(self, case: CaseView) -> Card | None:
        """Called when a case page is opened, after the page stands (2 s). None: nothing to show for this case.

        If it raises, a card says that this panel could not be drawn.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSuggestion:
    """A place in a classification: one of the labels offered, how sure (0 to 1), and why, in words for people."""

    dimension: str
    code: str
    score: float
    reason: str


class CaseClassifier(Extension):
    """Suggests where a case belongs. A person accepts; nothing is set by itself."""

    def classify(self, case: CaseView, labels: Sequence[Label]) -> list[LabelSuggestion]:
        """Called when a case page is opened, after the page stands (2 s). Only labels offered may be suggested.

        If it raises, or suggests what was not offered, the case stays unclassified.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a draft or an answer rests on."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDraft:
    """Words an agent may take over and change, with at least one source they rest on."""

    text: str
    sources: tuple[Source, ...]


class ReplySuggester(Extension):
    """Drafts replies. A draft is never sent by itself."""

    def suggest(self, case: CaseView, limit: int) -> list[ReplyDraft]:
        """Called when an agent asks for suggestions (2 s). At most `limit`, the best first; none is a fair answer.

        If it raises, there are no suggestions from here.
        """
        raise NotImplementedError


# knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One answer of a knowledge source: its title, where it can be read, and the words that fit."""

    title: str
    url: str = ""
    excerpt: str = ""


class KnowledgeSource(Extension):
    """Finds articles wherever the bank keeps them. The help centre is the first such source."""

    def search(self, query: str, language: str, limit: int) -> list[Article]:
        """Called when an agent looks for an answer (2 s). At most `limit`, the best first. Raising means none."""
        raise NotImplementedError


# the hub


class DashboardWidget(Extension):
    """A card on the hub's first page."""

    permission: ClassVar[str] = ""
    """Who sees it: a permission of the house ("case.view"); empty means everybody in the hub."""

    def render(self) -> Card:
        """Called after the page stands (2 s). If it raises, the card says that it could not be drawn."""
        raise NotImplementedError


class HubPage(Extension):
    """A page of its own in the hub, with an entry in the menu. While the plugin is off, its address answers 404."""

    permission: ClassVar[str]
    """Who may open it: a permission of the house ("plugins.view"). Required."""

    def draw(self, query: str) -> list[Card]:
        """Called when the page is opened (2 s); `query` is what was typed into its search box.

        If it raises, an error card is shown.
        """
        raise NotImplementedError
