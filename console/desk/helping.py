"""What plugins add to a case page: cards, suggested classifications, drafts of replies, articles.

Everything is asked for after the page stands; what a plugin says is masked again, and what it fails to say is a line
that names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from console.cases import config
from console.cases.models import Case
from console.cases.outline import labels, outline
from console.plugin_api.extensions import Card, LabelSuggestion, ReplyDraft, Row, Source
from console.plugin_host import contracts, extensions
from console.plugin_host.outcomes import ContractBroken
from console.plugin_host.redact import Redactor
from console.staff.access import can
from console.staff.permissions import UnknownPermission

BESIDE = ("desk_panel", "classifier")
MOST_DRAFTS = 3
MOST_ARTICLES = 5
MOST_SUGGESTIONS = 5
LONGEST_QUERY = 200
CLEAN = Redactor()


@dataclass(frozen=True)
class Shown:
    """One card ready to draw; `failed` when its plugin could not draw it."""

    label: str
    slug: str = ""
    text: str = ""
    rows: list[Row] = field(default_factory=list)
    failed: bool = False


@dataclass(frozen=True)
class Suggested:
    """A classification a person may accept."""

    dimension: str
    code: str
    place: str
    reason: str
    percent: int
    by: str


@dataclass(frozen=True)
class Words:
    """A text for the reply box, with what it rests on."""

    text: str
    by: str
    sources: list[Source] = field(default_factory=list)
    title: str = ""
    excerpt: str = ""


def shown(label: str, slug: str, outcome: Any) -> list[Shown]:
    """The cards of one answer; an error card when there is none."""
    if not outcome.ok:
        return [Shown(label, slug, failed=True)]
    cards = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    return [_card(label, slug, card) for card in cards if card is not None]


def _card(label: str, slug: str, card: Card) -> Shown:
    rows = [replace(row, label=CLEAN.text(row.label), value=CLEAN.text(row.value)) for row in card.rows]
    return Shown(label, slug, CLEAN.text(card.text), rows)


@dataclass
class Beside:
    """What stands beside the case."""

    cards: list[Shown] = field(default_factory=list)
    suggestions: list[Suggested] = field(default_factory=list)


def beside(user: Any, case: Case) -> Beside:
    """Ask the panels, and the classifiers where this person could accept."""
    view = outline(case, user)
    found = Beside()
    for handle, outcome in extensions.ask(extensions.of("desk_panel"), "show", view):
        found.cards += shown(handle.label, handle.slug, outcome)
    if can(user, "case.work", case):
        found.suggestions = suggestions(case, view)
    return found


def suggestions(case: Case, view: Any) -> list[Suggested]:
    """What classifiers suggest and the case does not say already, the surest first."""
    offered = labels(case)
    check = partial(_only_offered, {(label.dimension, label.code) for label in offered})
    found: dict[tuple[str, str], tuple[LabelSuggestion, str]] = {}
    for handle, outcome in extensions.ask(extensions.of("classifier"), "classify", view, offered, check=check):
        for one in outcome.value if outcome.ok else ():
            known = found.get((one.dimension, one.code))
            if view.categories.get(one.dimension) != one.code and (known is None or known[0].score < one.score):
                found[one.dimension, one.code] = (one, handle.label)
    best = sorted(found.values(), key=lambda pair: -pair[0].score)[:MOST_SUGGESTIONS]
    return [_suggested(one, by) for one, by in best]


def _only_offered(offered: set[tuple[str, str]], method: str, value: Any) -> Any:
    """In the plugin's thread: a label nobody offered is a lie."""
    answer = contracts.check(method, value)
    for one in answer:
        if (one.dimension, one.code) not in offered:
            raise ContractBroken(f"classify: {one.dimension}/{one.code} was not offered")
    return answer


def _suggested(one: LabelSuggestion, by: str) -> Suggested:
    place = config.path_label(one.dimension, config.tree(one.dimension)[one.code].path)
    return Suggested(one.dimension, one.code, place, CLEAN.text(one.reason, 500), round(one.score * 100), by)


@dataclass
class Writing:
    """What is offered to somebody who writes a reply."""

    query: str = ""
    drafts: list[Words] = field(default_factory=list)
    articles: list[Words] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def writing(user: Any, case: Case, query: str = "") -> Writing:
    """Drafts for the case, and articles that answer what was typed or, with nothing typed, what the case is about."""
    found = Writing(query.strip()[:LONGEST_QUERY])
    if not found.query:
        view = outline(case, user)
        for handle, outcome in extensions.ask(extensions.of("reply_suggester"), "suggest", view, MOST_DRAFTS):
            if outcome.ok:
                found.drafts += [_draft(draft, handle.label) for draft in outcome.value[:MOST_DRAFTS]]
            else:
                found.silent.append(handle.label)
    words = found.query or case.subject
    sources = extensions.of("knowledge_source")
    for handle, outcome in extensions.ask(sources, "search", words, case.language or "zh-hans", MOST_ARTICLES):
        if outcome.ok:
            found.articles += _articles(outcome.value[:MOST_ARTICLES], handle.label)
        else:
            found.silent.append(handle.label)
    return found


def _draft(draft: ReplyDraft, by: str) -> Words:
    return Words(CLEAN.text(draft.text), by, list(draft.sources))


def _articles(articles: Iterable[Any], by: str) -> list[Words]:
    return [
        Words(
            "\n".join(filter(None, [CLEAN.text(one.title), one.url])),
            by, [Source(title=one.title, url=one.url)], CLEAN.text(one.title), CLEAN.text(one.excerpt, 300),
        )
        for one in articles
    ]  # fmt: skip


def may_see(user: Any, handle: extensions.Handle) -> bool:
    """Whether the permission an extension asks for exists and this person holds it; empty asks for none."""
    asked = handle.entry.facts["permission"]
    try:
        return not asked or can(user, asked)
    except UnknownPermission:
        return False


def widgets(user: Any) -> list[Shown]:
    """The cards of the hub's first page that this person may see."""
    mine = [handle for handle in extensions.of("dashboard_widget") if may_see(user, handle)]
    answers = extensions.ask(mine, "render")
    return [card for handle, outcome in answers for card in shown(handle.label, handle.slug, outcome)]


def pages(user: Any) -> list[extensions.Handle]:
    """The hub pages of plugins that this person may open."""
    return [handle for handle in extensions.of("hub_page") if may_see(user, handle)]


def page(user: Any, slug: str, query: str) -> tuple[str, list[Shown]] | None:
    """Name and cards of one page; None where there is no such page for this person, or its plugin is off."""
    handle = extensions.one("hub_page", slug)
    if handle is None or not may_see(user, handle):
        return None
    return handle.label, shown(handle.label, slug, handle.call("draw", query.strip()[:LONGEST_QUERY]))
