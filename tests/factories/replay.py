"""Rows made once a run and put back for every test that needs them: what takes hundreds of queries becomes twenty."""

from collections.abc import Callable

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from console.events.models import Event

FIRST_KEY = 1_000_000
"""Keys of recorded rows start here, out of the way of what a test made before it asks for them."""


class Recording:
    """What `make()` adds to a freshly migrated database."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.rows: list[list[models.Model]] = []
        with transaction.atomic():
            _raise_keys()
            before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in _models()}
            make()
            for model, known in before.items():
                if added := [row for row in model._base_manager.order_by("pk") if row.pk not in known]:
                    self.rows.append(added)
            transaction.set_rollback(True)

    def replay(self) -> None:
        """As if just made: an event that waits long for its place in the chain is one that was slipped in."""
        now = timezone.now()
        with transaction.atomic():
            for rows in self.rows:
                if isinstance(rows[0], Event):
                    for event in rows:
                        event.created_at = now
                type(rows[0])._base_manager.bulk_create(rows)


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _raise_keys() -> None:
    """PostgreSQL's sequences stay raised after the rollback: what a test adds later still counts on from there."""
    with connection.cursor() as cursor:
        for model in _models():
            table, key = model._meta.db_table, model._meta.pk
            if not isinstance(key, models.AutoField):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, FIRST_KEY])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', key.column, FIRST_KEY]
                )
