"""Cases in the search engine: number, subject, and every word of the conversation, limited by scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from console.channels.models import Message
from console.foundation.search import engine

from .models import Case

KIND = "case"
# Words beyond this are found through the message itself, not through the case.
MAX_WORDS = 20_000


def scope_of(case: Case) -> dict[str, int | None]:
    """The columns a reader's scope is pushed down to."""
    return {"site": case.site_id, "team": case.team_id, "owner": case.owner_id}


def index_case(case: Case, text: str = "") -> None:
    """Put a case into the index with the words that opened it."""
    engine.index(KIND, case.pk, _fields(case, text), scope_of(case))


def _fields(case: Case, text: str) -> dict[str, str]:
    return {"number": case.number, "subject": case.subject, "text": text[:MAX_WORDS]}


def words_of(case: Case) -> str:
    """Every message text of the case's conversations, oldest first."""
    texts = Message.objects.filter(entry__conversation__case_links__case=case).order_by("id")
    return "\n".join(texts.values_list("text", flat=True)[:200])[:MAX_WORDS]


def reindex_case(case: Case) -> None:
    """Index the case anew from what is stored."""
    index_case(case, words_of(case))


def add_words(case: Case, text: str) -> None:
    """The conversation grew: index the case with all its words."""
    if text.strip():
        reindex_case(case)


def rescope_case(case: Case) -> None:
    """Somebody else has the case now: those who may find it changed."""
    reindex_case(case)


def documents(cases: Iterable[Case]) -> Iterator[engine.Document]:
    """For loaders that index many cases with few statements."""
    for case in cases:
        yield engine.Document(KIND, case.pk, _fields(case, getattr(case, "words", "")), scope_of(case))
