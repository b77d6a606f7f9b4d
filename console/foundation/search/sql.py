# ruff: noqa: S608  statements are put together from our own constants; every value is a parameter
"""The few statements in which the two databases differ."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import Q

from ..models import SearchDocument
from .kinds import NUMBERS, SCOPE_COLUMNS

TABLE = "foundation_searchdocument"
FTS = "foundation_search_fts"
BODY = f"COALESCE({TABLE}.folded, {TABLE}.text)"

Clause = tuple[str, list[Any]]


class Nothing(Exception):
    """The scope admits no row at all."""


def scope_clause(scope: Any) -> Clause:
    """The SQL of a scope: None, a dict of column → value or values, or a Q over the scope columns."""
    if not scope:
        return "1=1", []
    condition = scope if isinstance(scope, Q) else Q(**{_lookup(name, value): value for name, value in scope.items()})
    query = SearchDocument.objects.filter(condition).query
    try:
        sql, params = query.get_compiler(connection=connection).compile(query.where)
    except EmptyResultSet as error:
        raise Nothing from error
    except FullResultSet:
        return "1=1", []
    return f"({sql})", list(params)


def _lookup(name: str, value: Any) -> str:
    if name not in SCOPE_COLUMNS:
        raise ValueError(f"Search scope has no column {name}.")
    return f"{name}__in" if isinstance(value, list | tuple | set | frozenset) else name


def scope_value(name: str, value: Any) -> Any:
    """A scope value as stored: the key of a model instance, a number, or a short text."""
    if name not in SCOPE_COLUMNS:
        raise ValueError(f"Search scope has no column {name}.")
    if name in NUMBERS:
        return getattr(value, "pk", value)
    return str(value or "")[:20]


def contains(part: str) -> Clause:
    """The stored text holds this very string."""
    function = "instr" if connection.vendor == "sqlite" else "strpos"
    return f"{function}({BODY}, %s) > 0", [part]


def match(terms: Sequence[str], prefixes: Sequence[str] = ()) -> Clause:
    """The document holds all of these terms, and a term beginning with each of the prefixes. Letters only."""
    if connection.vendor == "sqlite":
        wanted = [f'"{term}"' for term in terms] + [f'"{prefix}" *' for prefix in prefixes]
        return f"{FTS} MATCH %s", [" AND ".join(wanted)]
    wanted = [f"'{term}'" for term in terms] + [f"'{prefix}':*" for prefix in prefixes]
    return f"{TABLE}.terms @@ %s::tsquery", [" & ".join(wanted)]


def matching(columns: str, where: Iterable[Clause], matched: Clause, limit: int) -> list[tuple]:
    """Rows that match in the index and pass the other clauses, newest first.

    FTS5 walks its postings backwards and stops at the limit. PostgreSQL is kept from walking its primary key
    instead, which is endless for rare terms: the index alone finds the rows, then they are sorted.
    """
    clauses = [matched, *where]
    condition = " AND ".join(sql for sql, _ in clauses)
    params = [value for _, values in clauses for value in values]
    if connection.vendor == "sqlite":
        statement = (
            f"SELECT {columns} FROM {FTS} CROSS JOIN {TABLE} ON {TABLE}.id = {FTS}.rowid "
            f"WHERE {condition} ORDER BY {FTS}.rowid DESC LIMIT %s"
        )
    else:
        statement = (
            f"WITH found AS MATERIALIZED (SELECT {TABLE}.id FROM {TABLE} WHERE {condition}) "
            f"SELECT {columns} FROM {TABLE} WHERE id IN (SELECT id FROM found ORDER BY id DESC LIMIT %s) "
            "ORDER BY id DESC"
        )
    return rows(statement, [*params, limit])


def postings(where: Iterable[Clause], matched: Clause, limit: int) -> list[int]:
    """Ids of any documents that match, at most `limit`; in no order, so that the index may stop early."""
    clauses = [matched, *where]
    condition = " AND ".join(sql for sql, _ in clauses)
    source = f"{FTS} CROSS JOIN {TABLE} ON {TABLE}.id = {FTS}.rowid" if connection.vendor == "sqlite" else TABLE
    params = [value for _, values in clauses for value in values]
    return [row[0] for row in rows(f"SELECT {TABLE}.id FROM {source} WHERE {condition} LIMIT %s", [*params, limit])]


def rows(statement: str, params: Sequence[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
