"""Writing many rows with one statement. Django's `bulk_update` spells out a CASE for every value, which costs several
times the CPU of the update itself.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model

CHUNK = 200


def write_many(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Store these fields of saved rows of one model, named as fields or columns. Like `update`: no signals."""
    if not rows or not names:
        return
    meta = type(rows[0])._meta
    fields = [meta.pk, *(meta.get_field(name) for name in names)]
    for start in range(0, len(rows), CHUNK):
        _write(meta.db_table, fields, rows[start : start + CHUNK])


def _write(table: str, fields: Sequence[Field], rows: Sequence[Model]) -> None:
    quote = connection.ops.quote_name
    key, *columns = [quote(field.column) for field in fields]
    changes = ", ".join(f"{column} = listed.{column}" for column in columns)
    plain = "(" + ", ".join(["%s"] * len(fields)) + ")"
    values = ", ".join([_typed(fields), *[plain] * (len(rows) - 1)])
    sql = (
        f"WITH listed ({key}, {', '.join(columns)}) AS (VALUES {values}) "  # noqa: S608
        f"UPDATE {quote(table)} SET {changes} FROM listed WHERE {quote(table)}.{key} = listed.{key}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [_stored(field, row) for row in rows for field in fields])


def _typed(fields: Sequence[Field]) -> str:
    """The first row says what the columns are: PostgreSQL would take every value for text.

    Without their lengths, because a cast cuts off what is too long where a column refuses it.
    """
    kinds = [field.cast_db_type(connection).partition("(")[0] for field in fields]
    return "(" + ", ".join(f"%s::{kind}" if connection.vendor == "postgresql" else "%s" for kind in kinds) + ")"


def _stored(field: Field, row: Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)
