"""The databases refuse to rewrite history even for plain SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from console.events import emit
from console.events.guard import maintenance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def placed():
    return emit("case:1", "case.opened", {"case_id": 1})


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events_event SET body = '{}'",
        "UPDATE events_event SET seq = 5",
        "UPDATE events_event SET hash = 'x'",
        "DELETE FROM events_event",
    ],
)
def test_plain_sql_is_refused(placed, sql):
    with pytest.raises(DatabaseError, match="append-only"):
        run(sql)


def test_an_unplaced_event_may_only_be_given_its_place():
    with transaction.atomic():
        emit("case:1", "case.opened", {})
        with pytest.raises(DatabaseError, match="append-only"):
            run("UPDATE events_event SET stream = 'case:2'")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_truncate_is_refused(placed):
    with pytest.raises(DatabaseError, match="append-only"):
        run("TRUNCATE events_event")


def test_maintenance_opens_the_table_and_closes_it_again(placed):
    with maintenance():
        run("DELETE FROM events_event")
    emit("case:2", "case.opened", {})
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM events_event")
