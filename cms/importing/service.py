"""Putting rows in place, each in a transaction of its own; the same file a second time changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from console.events import Actor, emit

from ..models import ArticlePage
from .body import cell_of
from .places import Places
from .put import put
from .table import BETWEEN, COLUMNS, Refused, Row


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass
class Report:
    """How many rows became what, and why the others did not."""

    done: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_rows(
    rows: Iterable[Row | tuple[int, Refused]],
    *,
    publish: bool,
    actor: Actor | None = None,
    told: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Create or update the article of each row, live when `publish`, else as a draft. `told` hears of every row.

    A row that cannot be put in place is in the report with its reason and leaves nothing behind; the others stand.
    """
    report, places = Report(), Places()
    for row in rows:
        if isinstance(row, Row):
            _one(row, places, publish, report)
        else:
            report.refused.append((row[0], str(row[1])))
        told(report)
    counts = {str(outcome): number for outcome, number in report.done.items()}
    data = {**counts, "refused": len(report.refused), "published": publish}
    with transaction.atomic():
        emit("knowledge", "knowledge.imported", data, actor=actor)
    return report


def _one(row: Row, places: Places, publish: bool, report: Report) -> None:
    try:
        with transaction.atomic():
            outcome = Outcome(put(row, places, publish))
    except ValidationError as error:
        places.forget()
        report.refused.append((row.line, "; ".join(error.messages)))
    except (Refused, IntegrityError) as error:
        places.forget()
        known = isinstance(error, Refused)
        report.refused.append(
            (row.line, str(error) if known else _("Somebody else is changing this place; try again."))
        )
    else:
        report.done[outcome] += 1


def export_rows(language: str = "", *, live_only: bool = False) -> Iterator[dict[str, str]]:
    """Every article as the import takes it, translations one after the other."""
    articles = ArticlePage.objects.select_related("locale").order_by("translation_key", "-locale__language_code")
    articles = articles.live() if live_only else articles
    if language:
        articles = articles.filter(locale__language_code=language)
    places = Places()
    for article in articles.iterator(chunk_size=200):
        values = {
            "external_id": article.external_id or str(article.translation_key),
            "column": places.column_of(article),
            "title": article.title,
            "body": cell_of(article),
            "question_variants": BETWEEN.join(article.wordings),
            "short_answer": article.short_answer,
            "keywords": article.keywords,
            "language": article.locale.language_code,
        }
        yield {name: values[name] for name in COLUMNS}
