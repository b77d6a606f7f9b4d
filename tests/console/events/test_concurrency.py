"""Many writers at once: no deadlock, no gap, no fork in any chain. And the table can be partitioned as it stands."""

import random
import threading

import pytest
from django.db import connection, connections, transaction

from console.events import emit
from console.events.models import Event, StreamHead
from console.events.services.seals import seal_all
from console.events.services.verify import verify_chain

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ACTS = 4, 12
STREAMS = ["a", "b", "c", "d"]


def write(number: int, errors: list) -> None:
    order = random.Random(number)
    try:
        for _ in range(ACTS):
            with transaction.atomic():
                for stream in order.sample(STREAMS, len(STREAMS)):
                    emit(stream, "x.y", {"writer": number})
    except Exception as error:
        errors.append(error)
    finally:
        connections.close_all()


def test_writers_that_meet_in_any_order_never_block_each_other_for_good():
    errors: list = []
    threads = [threading.Thread(target=write, args=(number, errors)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert not any(thread.is_alive() for thread in threads)
    assert {head.seq for head in StreamHead.objects.all()} == {WRITERS * ACTS}
    seal_all()
    assert list(verify_chain()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL partitions tables")
def test_the_table_becomes_a_partition_without_a_rewrite():
    emit("case:1", "case.opened", {})
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("ALTER TABLE events_event RENAME TO events_event_old")
        cursor.execute(
            "CREATE TABLE events_event (LIKE events_event_old INCLUDING DEFAULTS, PRIMARY KEY (id)) "
            "PARTITION BY RANGE (id)"
        )
        cursor.execute(
            "ALTER TABLE events_event ATTACH PARTITION events_event_old "
            "FOR VALUES FROM ('00000000-0000-0000-0000-000000000000') TO ('02000000-0000-0000-0000-000000000000')"
        )
        assert Event.objects.get().type == "case.opened"
        cursor.execute("ROLLBACK")


def test_the_triggers_still_stand_after_all_migrations():
    """A SQLite migration that rebuilds the table drops them silently: this notices."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events_event'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'events_event'::regclass AND NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert len(cursor.fetchall()) == 2
