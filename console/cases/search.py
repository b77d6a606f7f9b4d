"""Cases in the search engine: number, subject, and every word of their conversations, limited by scope.

Services only say that a case changed (`stale`); a pump indexes many at once, after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from console.channels.models import Delivery, Message
from console.foundation.search import engine
from console.foundation.work import register_periodic, register_pump, ring, ring_now

from .models import Case, Forwarding

KIND = "case"
PUMP = "cases.index"
BATCH = 100
# Words beyond this are found through the message itself, not through the case.
MAX_WORDS = 20_000
MAX_MESSAGES = 200


def register() -> None:
    """Called from AppConfig.ready()."""
    register_pump(PUMP, index_cases, Delivery.objects.none, parallel=1)
    register_periodic(PUMP, 10, ring_if_due)


def stale(case: Case) -> None:
    """The case, its words or its readers changed; the caller saves the case."""
    case.indexed = False
    ring(PUMP)


def index_cases(limit: int = BATCH) -> int:
    """Index up to `limit` cases that changed, with few statements; how many. Safe to repeat."""
    cases = list(_to_index().order_by("pk")[:limit])
    if cases:
        engine.index_many(list(documents(cases, words_of(cases))))
        for revision, pks in _by_revision(cases).items():
            # A change that came meanwhile keeps the case on the list.
            Case.objects.filter(pk__in=pks, revision=revision).update(indexed=True)
    return len(cases)


def _by_revision(cases: Iterable[Case]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for case in cases:
        found.setdefault(case.revision, []).append(case.pk)
    return found


def ring_if_due() -> None:
    """Periodic: what nobody rang for is indexed all the same."""
    if _to_index().exists():
        ring_now(PUMP)


def _to_index() -> QuerySet[Case]:
    return Case.objects.filter(indexed=False)


def documents(cases: Iterable[Case], words: dict[int, str]) -> Iterable[engine.Document]:
    """What is found of each case; a regulator's number finds it like our own."""
    cases = list(cases)
    outside = numbers_of(cases)
    for case in cases:
        numbers = " ".join([case.number, *outside.get(case.pk, ())])
        fields = {"subject": case.subject, "number": numbers, "text": words.get(case.pk, "")}
        scope = {
            "site": case.site_id,
            "team": case.team_id,
            "owner": case.owner_id,
            "customer": case.customer_id,
        }
        yield engine.Document(KIND, case.pk, fields, scope)


def numbers_of(cases: list[Case]) -> dict[int, list[str]]:
    """The regulators' numbers of each case, for those that have one."""
    found: dict[int, list[str]] = {}
    wanted = [case.pk for case in cases if case.has("forwardings")]
    rows = Forwarding.objects.filter(case__in=wanted).values_list("case", "number") if wanted else ()
    for pk, number in rows:
        found.setdefault(pk, []).append(number)
    return found


def words_of(cases: Iterable[Case]) -> dict[int, str]:
    """The message texts of each case's conversations, oldest first, in one query for all of them."""
    rows = Message.objects.filter(entry__conversation__case_links__case__in=[case.pk for case in cases])
    texts: dict[int, list[str]] = {}
    for pk, text in rows.order_by("id").values_list("entry__conversation__case_links__case", "text"):
        found = texts.setdefault(pk, [])
        if len(found) < MAX_MESSAGES:
            found.append(text)
    return {pk: "\n".join(found)[:MAX_WORDS] for pk, found in texts.items()}
