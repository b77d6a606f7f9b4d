"""Many rows, one statement: values arrive as the model's own `save` would store them."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from console.foundation.models import PumpSlot
from console.foundation.rows import CHUNK, write_many

pytestmark = pytest.mark.django_db


def slots(number: int) -> list[PumpSlot]:
    return PumpSlot.objects.bulk_create(PumpSlot(pump="tests", slot=slot) for slot in range(number))


def test_each_row_gets_its_own_values_and_keeps_the_rest(django_assert_num_queries):
    rows, now = slots(3), timezone.now()
    rows[0].rung_at, rows[1].rung_at, rows[2].busy_by = now, now + timedelta(days=1), "not named, not written"
    with django_assert_num_queries(1):
        write_many(rows, ("rung_at", "busy_until"))
    stored = list(PumpSlot.objects.order_by("slot").values_list("rung_at", "busy_until", "busy_by"))
    assert stored == [(now, None, ""), (now + timedelta(days=1), None, ""), (None, None, "")]


def test_many_are_written_in_parts(django_assert_num_queries):
    rows = slots(CHUNK + 1)
    for row in rows:
        row.busy_by = f"node:{row.slot}"
    with django_assert_num_queries(2):
        write_many(rows, ["busy_by"])
    assert PumpSlot.objects.get(slot=CHUNK).busy_by == f"node:{CHUNK}"


def test_nothing_to_write_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        write_many([], ("rung_at",))
        write_many([PumpSlot(pump="tests")], ())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no lengths")
def test_what_is_too_long_is_refused_and_not_cut():
    rows = slots(2)
    for row in rows:
        row.busy_by = "x" * 101
    with pytest.raises(DatabaseError), transaction.atomic():
        write_many(rows, ["busy_by"])
