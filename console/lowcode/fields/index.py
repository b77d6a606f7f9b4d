"""Typed index rows: what makes a custom field filterable at a million rows."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ..conditions.subject import Field
from .spec import FieldSpec

Key = tuple[str, str, Any]
_COLUMN = {
    "text": "text",
    "choice": "text",
    "multi_choice": "text",
    "number": "number",
    "boolean": "number",
    "date": "date",
}


def sync_index(
    index_model: Any, owner: Any, definitions: Iterable[Any], data: Mapping[str, Any], *, fresh: bool = False
) -> int:
    """Make the index rows of one object say what its data says; how many rows were written or removed.

    Called in the same transaction as the change of `data`. `fresh` (just created) saves the look at old rows.
    """
    wanted = _wanted(definitions, data or {})
    mine = {index_model.OWNER: owner}
    kept: set[Key] = set()
    stale = []
    if not fresh:
        for row in index_model._default_manager.filter(**mine):
            key = _key_of(row)
            (kept.add(key) if key in wanted and key not in kept else stale.append(row.pk))
    if stale:
        index_model._default_manager.filter(pk__in=stale).delete()
    rows = [
        index_model(field=code, **{column: value}, **mine)
        for code, column, value in wanted
        if (code, column, value) not in kept
    ]
    if rows:
        index_model._default_manager.bulk_create(rows)
    return len(rows) + len(stale)


def _wanted(definitions: Iterable[Any], data: Mapping[str, Any]) -> dict[Key, None]:
    found: dict[Key, None] = {}
    for spec in map(FieldSpec.of, definitions):
        value = data.get(spec.code)
        if not spec.filterable or spec.kind not in _COLUMN or value in (None, "", []):
            continue
        for item in value if isinstance(value, list) else [value]:
            found[spec.code, _COLUMN[spec.kind], _typed(spec.kind, item)] = None
    return found


def _typed(kind: str, value: Any) -> Any:
    if kind == "date":
        return date.fromisoformat(value)
    if kind in ("number", "boolean"):
        return Decimal(str(int(value) if kind == "boolean" else value)).quantize(Decimal("0.0001"))
    return str(value)


def _key_of(row: Any) -> Key:
    for column in ("text", "number", "date", "ref"):
        value = getattr(row, column)
        if value is not None:
            return (row.field, column, value)
    return (row.field, "", None)


def condition_fields(definitions: Iterable[Any], index_model: Any, prefix: str = "data.") -> list[Field]:
    """The filterable fields as condition fields, for a Subject's provider."""
    return [
        Field(
            f"{prefix}{spec.code}",
            spec.kind,
            spec.label,
            index=index_model,
            key=spec.code,
            choices=tuple(spec.options()),
        )
        for spec in map(FieldSpec.of, definitions)
        if spec.filterable and spec.kind in _COLUMN
    ]
