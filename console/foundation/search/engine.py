"""One search engine for cases, messages and articles, on the database that is already there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from .kinds import kind_of


@dataclass(frozen=True)
class Document:
    """What is indexed of one object: its texts by field name, and the columns its readers are limited by."""

    kind: str
    object_id: int
    fields: Mapping[str, str]
    scope: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """One object found, with the piece of text that shows why. `snippet` is safe HTML."""

    object_id: int
    score: float
    snippet: str


def index(kind: str, object_id: int, fields: Mapping[str, str], scope: Mapping[str, Any] | None = None) -> None:
    """Put one object into the index, replacing what was there. Inside the caller's transaction."""
    index_many([Document(kind, object_id, fields, scope or {})])


def index_many(documents: Iterable[Document]) -> None:
    """Put many objects into the index with few statements."""
    from . import store

    store.write(list(documents))


def remove(kind: str, object_id: int) -> None:
    """Take one object out of the index; nothing happens when it is not there."""
    from . import store

    store.delete(kind, [object_id])


def search(kind: str, query: str, scope: Any = None, limit: int = 20, before: int | None = None) -> list[Hit]:
    """Objects of a kind that match the query within scope. Any text is a fair query; none raises.

    `scope` is a dict of column → value or values, or a Q over the scope columns (kinds.SCOPE_COLUMNS) and `among`.
    Cases and messages: every part of the query stands in the text, newest first, `before` an object id for the next
    page. Articles: best match first.
    """
    from . import finder

    return finder.search(kind, query, scope, limit, before)


def among(kind: str, rows: QuerySet, key: str) -> Q:
    """These objects, as part of a scope: `key` is the column of `rows` that holds their keys."""
    known = kind_of(kind)
    return Q(id__in=rows.order_by().values_list(known.document_id(F(key)), flat=True))


def phrase(kind: str, query: str, scope: Any = None, limit: int = 20) -> list[Hit]:
    """The query as one phrase, as if it stood in quotation marks."""
    return search(kind, '"' + query.replace('"', " ") + '"', scope, limit)
