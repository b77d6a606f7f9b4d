"""What the plugins page shows: a card per plugin with state, cause and next step, in few queries whatever
their number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from . import discovery, loader
from .kinds import BY_HOOK, BY_KIND
from .models import Circuit, PluginHealth, PluginHour, PluginProblem, PluginRun, PluginState
from .outcomes import Failure
from .problems import SENTENCES

NEXT_STEPS: dict[str, Promise] = {
    Failure.BUG: _("Report the error to the plugin's author with its number, then close the circuit."),
    Failure.CONTRACT: _("Its answer was refused. Report it to the plugin's author; install a mended release."),
    Failure.TIMEOUT: _("Check whether the other side is slow or away, then run a health check."),
    Failure.RETRY: _("Nothing to do: it is tried again by itself. Check the other side if it lasts."),
    Failure.PERMANENT: _("Read what was refused and correct it where it was entered."),
    Failure.AUTH: _("Open the channel account, enter new credentials and test the connection."),
    Failure.CONFIG: _("Open the channel account, correct the named setting and test the connection."),
    Failure.LOST: _("Decide the deliveries listed as unknown; check the line to the other side."),
}
RECENT = timedelta(days=7)
HOURS = 24


@dataclass
class Card:
    """One plugin on the page."""

    slug: str
    title: str
    summary: str = ""
    version: str = ""
    requires_api: str = ""
    origin: str = ""
    author: str = ""
    licence: str = ""
    allowed: bool = False
    runs: bool = False
    enabled: bool = False
    scopes: list[PluginState] = field(default_factory=list)
    switch: PluginState | None = None
    hooks: list[str] = field(default_factory=list)
    connectors: list[Any] = field(default_factory=list)
    extensions: list[Any] = field(default_factory=list)
    sees: list[Any] = field(default_factory=list)
    health: list[PluginHealth] = field(default_factory=list)
    problems: list[Any] = field(default_factory=list)
    circuits: list[Circuit] = field(default_factory=list)
    last_error: PluginRun | None = None
    hours: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    failures: int = 0
    average: int = 0

    @property
    def works(self) -> bool:
        """Whether anything of it got as far as being callable."""
        return self.runs and bool(self.connectors or self.extensions or not self.problems)

    @property
    def checkable(self) -> bool:
        """Whether there is anybody to ask how it is."""
        return bool(self.calls) or any(entry.kind == "health_check" for entry in self.extensions)

    @property
    def unwell(self) -> list[PluginHealth]:
        return [row for row in self.health if not row.is_well]

    def is_on(self, scope: str) -> bool:
        """The switch as it stands for one scope, "" for everywhere."""
        mine = next((row.enabled for row in self.scopes if row.scope == scope), None)
        return self.enabled if mine is None else mine

    @property
    def tone(self) -> str:
        """Colour word of the card's edge; the state word says the same."""
        if not self.allowed or (self.runs and not self.enabled):
            return "off"
        if not self.works:
            return "wrong"
        if self.circuits or self.problems or self.unwell:
            return "soon"
        return "good"

    @property
    def state_word(self) -> Promise:
        if not self.allowed:
            return _("Found, not allowed")
        if not self.works:
            return _("Cannot run")
        if not self.enabled:
            return _("Switched off")
        if self.circuits:
            return _("Work waits")
        if self.problems:
            return _("Runs in part")
        if self.unwell:
            return _("Says it is not well")
        return _("Running")

    @property
    def next_step(self) -> Promise | str:
        if self.last_error is None:
            return ""
        return NEXT_STEPS.get(self.last_error.kind, "")


def cards() -> list[Card]:
    """Every plugin found, those in trouble first."""
    registry = loader.registry()
    cards = {found.slug: _card(registry, found) for found in registry.found}
    _add_switches(cards)
    _add_stored_problems(cards)
    _add_circuits(cards)
    _add_errors(cards)
    _add_hours(cards)
    for row in PluginHealth.objects.filter(plugin__in=cards).order_by("check_slug"):
        cards[row.plugin].health.append(row)
    order = {"wrong": 0, "soon": 1, "good": 2, "off": 3}
    return sorted(cards.values(), key=lambda card: (order[card.tone], card.slug))


def in_language(texts: dict[str, str]) -> str:
    """The text for today's reader, with English behind it."""
    language = (get_language() or "en").lower()
    return texts.get("zh-hans" if language.startswith("zh") else "en") or texts.get("en", "")


def _card(registry: loader.Registry, found: discovery.Found) -> Card:
    manifest = found.manifest
    entries = [entry for entry in registry.entries.values() if entry.plugin == found.slug]
    card = Card(
        found.slug,
        found.slug,
        origin=found.origin,
        allowed=found.allowed,
        runs=found.runs,
        enabled=found.runs and found.origin == discovery.BUNDLED,
        hooks=registry.hooks.get(found.slug, []),
        connectors=[entry for entry in entries if entry.kind == loader.CHANNEL],
        extensions=[entry for entry in entries if entry.kind != loader.CHANNEL],
        sees=_sees(registry, found),
        problems=[(SENTENCES.get(p.code, p.code), p.detail) for p in registry.problems_of(found.slug)],
    )
    if manifest is not None:
        card.title, card.summary = in_language(manifest.name), in_language(manifest.summary)
        card.version, card.requires_api = manifest.version, manifest.requires_api
        card.author, card.licence = manifest.author, manifest.licence
    return card


def _sees(registry: loader.Registry, found: discovery.Found) -> list[Any]:
    """What the house hands to this plugin once it is on, each said once: what its manifest and its hooks come to."""
    kinds = set(found.manifest.kinds if found.manifest else ())
    kinds |= {BY_HOOK[hook].kind for hook in registry.hooks.get(found.slug, [])}
    return list(dict.fromkeys(str(BY_KIND[kind].sees) for kind in BY_KIND if kind in kinds))


def _add_switches(cards: dict[str, Card]) -> None:
    for row in PluginState.objects.filter(plugin__in=cards).order_by("scope"):
        card = cards[row.plugin]
        if row.scope is None:
            card.switch, card.enabled = row, card.runs and row.enabled
        else:
            card.scopes.append(row)


def _add_stored_problems(cards: dict[str, Card]) -> None:
    """What another process met and this one did not."""
    for row in PluginProblem.objects.filter(plugin__in=cards):
        line = (SENTENCES.get(row.code, row.code), row.detail)
        if line not in cards[row.plugin].problems:
            cards[row.plugin].problems.append(line)


def _add_circuits(cards: dict[str, Card]) -> None:
    shut = Circuit.objects.filter(plugin__in=cards).exclude(state=Circuit.State.CLOSED)
    for row in shut.order_by("method", "instance"):
        cards[row.plugin].circuits.append(row)


def _add_errors(cards: dict[str, Card]) -> None:
    recent = PluginRun.objects.filter(plugin__in=cards, at__gte=timezone.now() - RECENT)
    newest = recent.values("plugin").annotate(newest=Max("pk")).values_list("newest", flat=True)
    for run in PluginRun.objects.filter(pk__in=list(newest)):
        cards[run.plugin].last_error = run


def _add_hours(cards: dict[str, Card]) -> None:
    """Calls per hour of the last day, drawn as bars: height in steps of a twentieth."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=HOURS - 1)
    rows = PluginHour.objects.filter(plugin__in=cards, hour__gte=first)
    sums = rows.values("plugin", "hour").annotate(
        calls=Sum("calls"), failures=Sum("failures"), milliseconds=Sum("milliseconds")
    )
    by_place = {(row["plugin"], row["hour"]): row for row in sums}
    for card in cards.values():
        mine = [by_place.get((card.slug, first + timedelta(hours=step)), {}) for step in range(HOURS)]
        most = max([row.get("calls", 0) for row in mine] or [0]) or 1
        card.hours = [
            {
                "at": first + timedelta(hours=step),
                "calls": row.get("calls", 0),
                "failures": row.get("failures", 0),
                "height": -(-20 * row.get("calls", 0) // most),
            }
            for step, row in enumerate(mine)
        ]
        card.calls = sum(hour["calls"] for hour in card.hours)
        card.failures = sum(hour["failures"] for hour in card.hours)
        spent = sum(row.get("milliseconds", 0) for row in mine)
        card.average = round(spent / card.calls) if card.calls else 0


def runs_of(plugin: str, limit: int = 50) -> list[PluginRun]:
    """The newest failed calls of one plugin."""
    return list(PluginRun.objects.filter(plugin=plugin).order_by("-at", "-pk")[:limit])
