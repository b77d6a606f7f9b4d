# ruff: noqa: S608  statements are put together from our own constants; every value is a parameter
"""Writing the index: one statement a batch, and nothing at all for what did not change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from ..models import SearchDocument
from . import terms, words
from .fold import display, fold
from .kinds import SCOPE_COLUMNS, Kind, Mode, kind_of
from .sql import FTS, TABLE, rows, scope_value

if TYPE_CHECKING:
    from .engine import Document

MAX_TEXT = 60_000
MAX_TERMS = 20_000
BATCH = 200
COLUMNS = ("id", "kind", "text", "folded", "title_length", *SCOPE_COLUMNS)
TITLES = ("title", "subject")


@dataclass(frozen=True)
class Prepared:
    """One row as it will be stored, and the terms it is found by."""

    row: tuple
    terms: set[str]


def write(documents: Sequence["Document"]) -> None:
    """Index documents, replacing earlier versions. Runs in the caller's transaction when there is one."""
    for start in range(0, len(documents), BATCH):
        wanted = {row[0]: row for row in map(_row, documents[start : start + BATCH])}
        with transaction.atomic():
            _write_batch(wanted)


def delete(kind: str, object_ids: Iterable[int]) -> None:
    """Take documents out of the index."""
    ids = [kind_of(kind).document_id(object_id) for object_id in object_ids]
    with transaction.atomic():
        _forget(_stored(ids).values())
        SearchDocument.objects.filter(id__in=ids).delete()


def _row(document: "Document") -> tuple:
    kind = kind_of(document.kind)
    title, body = _parts(document.fields)
    text = f"{title}\n{body}"[:MAX_TEXT]
    folded = fold(text)
    scope = dict.fromkeys(SCOPE_COLUMNS[:4]) | dict.fromkeys(SCOPE_COLUMNS[4:], "")
    scope |= {name: scope_value(name, value) for name, value in document.scope.items()}
    known = None if folded == text else folded
    return (kind.document_id(document.object_id), kind.code, text, known, len(title), *scope.values())


def _parts(fields: Mapping[str, str]) -> tuple[str, str]:
    """The title and the rest; lines part the fields, so that no phrase reaches over two of them."""
    title = " ".join(display(fields[name]) for name in TITLES if fields.get(name))
    rest = [display(value) for name, value in fields.items() if name not in TITLES and value]
    return title, "\n".join(rest)


def document_terms(row: Sequence[Any]) -> set[str]:
    """The index terms of a stored row: a pure function of it, so that they can be taken out again."""
    _, code, text, folded, title_length = row[:5]
    folded = text if folded is None else folded
    kind = next(each for each in _kinds() if each.code == code)
    if kind.mode is Mode.PHRASE:
        found = {f"{kind.mark}0{term}" for term in terms.phrase_terms(folded)}
    else:
        found = {f"{kind.mark}0{term}" for term in words.text_terms(folded)}
        found |= {f"{kind.mark}1{term}" for term in words.text_terms(folded[:title_length])}
        found |= {f"{kind.mark}2{term}" for term in words.pinyin_terms(folded)}
    return found if len(found) <= MAX_TERMS else set(sorted(found)[:MAX_TERMS])


def _kinds() -> Iterable[Kind]:
    from .kinds import _kinds as known

    return known.values()


def _stored(ids: Sequence[int]) -> dict[int, tuple]:
    holes = ", ".join(["%s"] * len(ids))
    found = rows(f"SELECT {', '.join(COLUMNS)} FROM {TABLE} WHERE id IN ({holes})", ids) if ids else []
    return {row[0]: row for row in found}


def _write_batch(wanted: dict[int, tuple]) -> None:
    stored = _stored(list(wanted))
    changed = [row for key, row in wanted.items() if stored.get(key) != row]
    if connection.vendor == "sqlite":
        retold = [row for row in changed if stored.get(row[0], ())[1:5] != row[1:5]]
        _forget(stored[row[0]] for row in retold if row[0] in stored)
        _upsert(changed, COLUMNS, "(" + ", ".join(["%s"] * len(COLUMNS)) + ")")
        _sqlite(f"INSERT INTO {FTS}(rowid, terms) VALUES (%s, %s)", retold)
    else:
        holes = "(" + ", ".join(["%s"] * len(COLUMNS)) + ", array_to_tsvector(%s::text[]))"
        _upsert([(*row, sorted(document_terms(row))) for row in changed], (*COLUMNS, "terms"), holes)


def _upsert(wanted: Sequence[tuple], columns: Sequence[str], holes: str) -> None:
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    # SQLite takes few parameters in one statement on old builds; a hundred rows stay far below.
    for start in range(0, len(wanted), 100):
        part = wanted[start : start + 100]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} ({', '.join(columns)}) VALUES {', '.join([holes] * len(part))} "
                f"ON CONFLICT (id) DO UPDATE SET {changes}",
                [value for row in part for value in row],
            )


def _forget(known: Iterable[tuple]) -> None:
    """FTS5 without content must be told the old terms to take them out; PostgreSQL does it by itself."""
    if connection.vendor == "sqlite":
        _sqlite(f"INSERT INTO {FTS}({FTS}, rowid, terms) VALUES ('delete', %s, %s)", list(known))


def _sqlite(statement: str, known: Sequence[tuple]) -> None:
    if known:
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(row[0], " ".join(sorted(document_terms(row)))) for row in known])


def rebuild(kind: str | None = None) -> int:
    """Make the index anew from the stored documents: after a change of how terms are made. Returns documents."""
    documents = SearchDocument.objects.order_by("id")
    if kind:
        documents = documents.filter(kind=kind_of(kind).code)
    if connection.vendor == "sqlite" and not kind:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {FTS}({FTS}) VALUES ('delete-all')")
    done, last = 0, -1
    while batch := list(documents.filter(id__gt=last).values_list(*COLUMNS)[:BATCH]):
        with transaction.atomic():
            _index_again(batch, fresh=kind is None)
        done, last = done + len(batch), batch[-1][0]
    return done


def _index_again(batch: Sequence[tuple], fresh: bool) -> None:
    if connection.vendor == "sqlite":
        if not fresh:
            _forget(batch)
        _sqlite(f"INSERT INTO {FTS}(rowid, terms) VALUES (%s, %s)", batch)
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {TABLE} SET terms = array_to_tsvector(%s::text[]) WHERE id = %s",
            [(sorted(document_terms(row)), row[0]) for row in batch],
        )
