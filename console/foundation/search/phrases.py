# ruff: noqa: S608  statements are put together from our own constants; every value is a parameter
"""Phrase search in cases and messages: every part must stand in the text, newest first.

Two steps keep it fast at a million documents. The newest documents within scope are read directly: a common
phrase fills the page there. What does not fill it is rare enough for the index to name every place.
"""

from typing import Any

from . import sql
from .engine import Hit
from .kinds import Kind
from .query import Query, parse
from .snippets import snippet

WALK = 2000
SPARE = 20
COLUMNS = f"{sql.TABLE}.id, {sql.TABLE}.text, {sql.TABLE}.folded"


def search(kind: Kind, text: str, scope: Any, limit: int, before: int | None) -> list[Hit]:
    """The newest `limit` documents that hold every part of the query; older than object `before` when given."""
    query = parse(text)
    if not query.parts or limit < 1:
        return []
    try:
        where = [(f"{sql.TABLE}.kind = %s", [kind.code]), sql.scope_clause(scope)]
    except sql.Nothing:
        return []
    if before is not None:
        where.append((f"{sql.TABLE}.id < %s", [kind.document_id(before)]))
    found, boundary = _walk(query, where, limit)
    if len(found) < limit and boundary is not None:
        found += _indexed(kind, query, [*where, (f"{sql.TABLE}.id < %s", [boundary])], limit - len(found))
    return [Hit(row[0] >> 4, float(row[0]), snippet(row[1], row[2], query)) for row in found[:limit]]


def _walk(query: Query, where: list[sql.Clause], limit: int) -> tuple[list[tuple], int | None]:
    """Matches among the newest WALK documents, and the id below which the rest lies (None: there is no rest)."""
    inner = " AND ".join(clause for clause, _ in where)
    params = [value for _, values in where for value in values]
    held = [sql.contains(part.text) for part in query.parts]
    outer = " AND ".join(clause for clause, _ in held)
    statement = (
        f"SELECT id, text, folded FROM (SELECT id, text, folded FROM {sql.TABLE} WHERE {inner} "
        f"ORDER BY id DESC LIMIT {WALK}) {sql.TABLE} WHERE {outer} ORDER BY id DESC LIMIT %s"
    )
    rows = sql.rows(statement, [*params, *(part for _, parts in held for part in parts), limit + SPARE])
    found = [row for row in rows if query.stands_in(_folded(row))]
    if len(found) >= limit:
        return found, None
    last = sql.rows(f"SELECT id FROM {sql.TABLE} WHERE {inner} ORDER BY id DESC LIMIT 1 OFFSET {WALK - 1}", params)
    if len(rows) >= limit + SPARE:
        return found, rows[-1][0]
    return found, last[0][0] if last else None


def _indexed(kind: Kind, query: Query, where: list[sql.Clause], limit: int) -> list[tuple]:
    mark = f"{kind.mark}0"
    terms = query.terms
    # A single character names very many postings: beside anything better it is only looked for in the text.
    prefixes = [each for each in query.prefixes if len(each) > 1 or not terms]
    matched = sql.match([mark + term for term in terms], [mark + prefix for prefix in prefixes])
    # One whole term is its own proof; everything else needs the text.
    held = [sql.contains(part.text) for part in query.parts if part.quoted or len(part.terms) != 1]
    rows = sql.matching(COLUMNS, [*where, *held], matched, limit + SPARE)
    return [row for row in rows if query.stands_in(_folded(row))][:limit]


def _folded(row: tuple) -> str:
    return row[1] if row[2] is None else row[2]
