# ruff: noqa: S608  table and column names are our own models'; nothing comes from outside
"""Makes big tables from small ones inside the database: copies rows with shifted keys, one statement a table.

For benches only: 2,000 stories become a million cases in minutes. Search is not copied; it has a bench of its own.
"""

from django.db import connection, models

from console.cases.models import Case, CaseCategory, CaseConversation, Clock, Mark, StateInterval
from console.channels.models import Delivery, Message, MessageParticipant
from console.conversations.models import Conversation, Entry

TABLES: tuple[type[models.Model], ...] = (
    Conversation,
    Message,
    Delivery,
    MessageParticipant,
    Entry,
    Case,
    CaseConversation,
    Clock,
    StateInterval,
    Mark,
    CaseCategory,
)
# Columns that must stay unique get the copy's number appended.
UNIQUE = {Case: ("number", "public_ref"), Delivery: ("key",)}


def multiply(copies: int) -> int:
    """Add `copies` copies of every row of TABLES; returns the number of cases afterwards."""
    shifts = {model: (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) for model in TABLES}
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(_statement(model, shifts, copies))
            _reset_sequence(cursor, model)
        cursor.execute("ANALYZE")
    return Case.objects.count()


def _statement(model: type[models.Model], shifts: dict, copies: int) -> str:
    table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
    values = ", ".join(_value(model, field, shifts) for field in model._meta.concrete_fields)
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "sqlite":
        numbers = f"WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {int(copies)}) "
        source = "n"
    else:
        numbers, source = "", f"generate_series(1, {int(copies)}) AS n(k)"
    return f'INSERT INTO "{table}" ({names}) {numbers}SELECT {values} FROM "{table}" AS t, {source}'


def _value(model: type[models.Model], field: models.Field, shifts: dict) -> str:
    column = f't."{field.column}"'
    target = field.related_model if field.is_relation else None
    if field.primary_key:
        return f"{column} + n.k * {shifts[model]}"
    if target in shifts:
        return f"{column} + n.k * {shifts[target]}"
    if field.column in UNIQUE.get(model, ()):
        return f"substr({column}, 1, 16) || '-' || n.k"
    return column


def _reset_sequence(cursor, model: type[models.Model]) -> None:
    if connection.vendor == "postgresql":
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
