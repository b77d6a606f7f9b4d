"""verify_audit finds every kind of tampering and says which row. Each test tampers as somebody with SQL would."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from console.events import emit
from console.events.canonical import chain_hash, head_mac
from console.events.models import Alarm, Event, Seal, StreamHead
from console.events.services.seals import seal_all
from console.events.services.verify import Count, verify_chain

pytestmark = pytest.mark.django_db(transaction=True)
TRIGGERS = {
    "sqlite": [("events_event_no_update", ""), ("events_event_no_delete", "")],
    "postgresql": [("events_event_no_change", " ON events_event"), ("events_event_no_truncate", " ON events_event")],
}


@pytest.fixture
def log():
    """Two streams of five events, sealed."""
    for n in range(5):
        emit("case:1", "case.changed", {"n": n})
        emit("case:2", "case.changed", {"n": n})
    seal_all()


@pytest.fixture
def unguarded():
    """The triggers are gone, as an intruder would have it; they are back afterwards."""
    from importlib import import_module

    migration = import_module("console.events.migrations.0002_append_only")
    with connection.cursor() as cursor:
        for name, table in TRIGGERS[connection.vendor]:
            cursor.execute(f"DROP TRIGGER {name}{table}")
    yield
    statements = migration.SQLITE if connection.vendor == "sqlite" else migration.POSTGRESQL[1:]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_event")
        for statement in statements:
            cursor.execute(statement)


def sql(statement: str, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def kinds() -> set[tuple[str, str, int | None]]:
    return {(finding.kind, finding.stream, finding.seq) for finding in verify_chain()}


def test_an_untouched_log_is_whole(log):
    count = Count()
    assert list(verify_chain(count=count)) == []
    assert (count.events, count.streams, count.seals) == (10, 2, 1)


@pytest.mark.parametrize(
    "change",
    [
        "body = '{\"n\":99}'",
        "type = 'case.closed'",
        "actor_id = '8'",
        "actor_label = 'x'",
        "correlation_id = 'x'",
        "created_at = '2020-01-01 00:00:00'",
    ],
)
def test_a_changed_row_is_named(log, unguarded, change):
    sql(f"UPDATE events_event SET {change} WHERE stream = 'case:1' AND seq = 3")
    assert kinds() == {("changed", "case:1", 3)}


def test_a_row_moved_to_another_stream_is_missed_here_and_found_there(log, unguarded):
    sql("UPDATE events_event SET stream = 'case:2', seq = 6 WHERE stream = 'case:1' AND seq = 3")
    assert ("removed", "case:1", 3) in kinds()
    assert ("changed", "case:2", 6) in kinds()


def test_a_removed_row_is_named(log, unguarded):
    sql("DELETE FROM events_event WHERE stream = 'case:1' AND seq = 3")
    assert kinds() == {("removed", "case:1", 3)}


def test_rows_removed_and_renumbered_are_found(log, unguarded):
    sql("DELETE FROM events_event WHERE stream = 'case:1' AND seq = 3")
    sql("UPDATE events_event SET seq = 3 WHERE stream = 'case:1' AND seq = 4")
    sql("UPDATE events_event SET seq = 4 WHERE stream = 'case:1' AND seq = 5")
    assert ("reordered", "case:1", 3) in kinds()


def test_a_cut_tail_is_found(log, unguarded):
    sql("DELETE FROM events_event WHERE stream = 'case:1' AND seq > 3")
    assert kinds() == {("removed", "case:1", 4), ("removed", "case:1", 5)}


def test_a_cut_tail_with_a_rewritten_end_is_found_before_any_seal(unguarded):
    emit("case:1", "a", {})
    emit("case:1", "b", {})
    first = Event.objects.get(stream="case:1", seq=1)
    sql("DELETE FROM events_event WHERE seq = 2")
    sql("UPDATE events_streamhead SET seq = 1, hash = %s WHERE stream = 'case:1'", first.hash)
    assert kinds() == {("forged", "case:1", 1)}


def test_a_cut_tail_with_an_old_end_put_back_is_found_by_the_seal(unguarded):
    emit("case:1", "a", {})
    old = StreamHead.objects.get(pk="case:1")
    emit("case:1", "b", {})
    seal_all()
    sql("DELETE FROM events_event WHERE seq = 2")
    sql("UPDATE events_streamhead SET seq = 1, hash = %s, mac = %s", old.hash, old.mac)
    assert kinds() == {("removed", "case:1", 2)}


def test_a_whole_stream_removed_is_found(log, unguarded):
    sql("DELETE FROM events_event WHERE stream = 'case:1'")
    assert ("removed", "case:1", 1) in kinds()
    sql("DELETE FROM events_streamhead WHERE stream = 'case:1'")
    assert kinds() == {("removed", "case:1", 5)}


def test_two_rows_that_changed_places_are_named(log, unguarded):
    sql("UPDATE events_event SET seq = 99 WHERE stream = 'case:1' AND seq = 2")
    sql("UPDATE events_event SET seq = 2 WHERE stream = 'case:1' AND seq = 3")
    sql("UPDATE events_event SET seq = 3 WHERE stream = 'case:1' AND seq = 99")
    found = kinds()
    assert {("reordered", "case:1", 2), ("reordered", "case:1", 3)} <= found
    assert {stream for _kind, stream, _seq in found} == {"case:1"}


def insert_copy(stream: str, seq: int | None, previous: str, last: str) -> None:
    names = "created_at, type, actor_kind, actor_id, actor_label, correlation_id"
    new_id = "ffffffffffffffffffffffffffffffff"
    sql(
        f"INSERT INTO events_event (id, stream, seq, {names}, body, prev_hash, hash) "
        f"SELECT %s, stream, %s, {names}, '{{\"n\":7}}', %s, %s FROM events_event WHERE stream = %s AND seq = 1",
        new_id,
        seq,
        previous,
        last,
        stream,
    )


def test_a_row_slipped_in_between_is_named(log, unguarded):
    for seq in (5, 4, 3):
        sql("UPDATE events_event SET seq = %s WHERE stream = 'case:1' AND seq = %s", seq + 1, seq)
    before = Event.objects.get(stream="case:1", seq=2)
    insert_copy("case:1", 3, before.hash, "0" * 64)
    found = kinds()
    assert ("changed", "case:1", 3) in found
    assert ("inserted", "case:1", 3) in found


def test_a_row_appended_past_the_application_is_named(log, unguarded):
    end = StreamHead.objects.get(pk="case:1")
    insert_copy("case:1", 6, end.hash, "0" * 64)
    assert kinds() == {("inserted", "case:1", 6), ("changed", "case:1", 6)}


def test_a_row_without_a_place_is_named_once_it_is_old(log, unguarded):
    insert_copy("case:1", None, "", "")
    sql("UPDATE events_event SET created_at = '2020-01-01 00:00:00' WHERE seq IS NULL")
    assert kinds() == {("inserted", "case:1", None)}


def test_whoever_holds_the_keys_but_not_the_seals_is_still_found(log, unguarded):
    """Even a perfect rewrite of one stream contradicts the seal that saw it."""
    last = Event.objects.get(stream="case:1", seq=4).hash
    row = Event.objects.get(stream="case:1", seq=5)
    row.body = '{"n":99}'
    forged = chain_hash(last, row.text)
    sql("UPDATE events_event SET body = %s, hash = %s WHERE stream = 'case:1' AND seq = 5", row.body, forged)
    sql(
        "UPDATE events_streamhead SET hash = %s, mac = %s WHERE stream = 'case:1'",
        forged,
        head_mac("case:1", 5, forged),
    )
    assert kinds() == {("changed", "case:1", 5)}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE events_seal SET entries = '1 x case:1' WHERE number = 1", "forged"),
        ("UPDATE events_seal SET entries = 'x' WHERE number = 1", "changed"),
        ("DELETE FROM events_seal WHERE number = 1", "removed"),
        ("UPDATE events_seal SET prev_digest = 'x' WHERE number = 2", "reordered"),
        ("DELETE FROM events_seal", "removed"),
    ],
)
def test_a_touched_seal_is_found(log, change, kind):
    emit("case:3", "a", {})
    seal_all()
    sql(change)
    assert kind in {found for found, stream, _seq in kinds() if stream == "seals"}


def test_a_cut_tail_of_seals_is_found_by_a_noted_anchor(log):
    emit("case:3", "a", {})
    seal_all()
    last = Seal.objects.get(number=2)
    sql("DELETE FROM events_seal WHERE number = 2")
    with pytest.raises(CommandError, match="1 problems"):
        call_command("verify_audit", anchor=[f"2:{last.digest}"], stdout=StringIO())


def test_the_sealer_leaves_a_forged_end_alone_and_raises_an_alarm(log, unguarded):
    emit("case:3", "a", {})
    sql("UPDATE events_streamhead SET seq = 2, hash = 'x' WHERE stream = 'case:3'")
    emit("case:4", "a", {})
    seal_all()
    assert StreamHead.objects.get(pk="case:4").sealed_seq == 1
    assert StreamHead.objects.get(pk="case:3").sealed_seq == 0
    assert Alarm.objects.open().get().code == "audit.broken"
    with transaction.atomic():
        sql("DELETE FROM events_streamhead WHERE stream = 'case:3'")


def test_the_command_says_which_row_and_fails(log, unguarded):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "whole: 10 events in 2 streams, 1 seals" in out.getvalue()
    sql("DELETE FROM events_event WHERE stream = 'case:2' AND seq = 2")
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("verify_audit", alarm=True, stdout=out)
    assert error.value.returncode == 1
    assert "removed case:2 #2" in out.getvalue()
    assert Alarm.objects.open().get(code="audit.broken").key == "verify"
