"""What `emit` promises: written with the act, placed in its chain at commit, told to whoever listens."""

import pytest
from django.db import transaction

from console.events import Actor, EventRefused, NewEvent, acting_as, correlation, emit, emit_many
from console.events.models import AppendOnly, Event, StreamHead


@pytest.mark.django_db
def test_emit_stores_what_it_was_told():
    with acting_as(Actor("staff", 7, "wang")), correlation("c-1"):
        event = emit("case:1", "case.opened", {"case_id": 1})
    stored = Event.objects.get(pk=event.pk)
    assert (stored.stream, stored.type, stored.data) == ("case:1", "case.opened", {"case_id": 1})
    assert stored.actor == Actor("staff", "7", "wang")
    assert stored.correlation_id == "c-1"
    assert stored.text == event.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stream", "type", "data"),
    [
        ("", "case.opened", {}),
        ("案件:1", "case.opened", {}),
        ("case:1", "x" * 81, {}),
        ("case:1", "case.opened", {"x": object()}),
        ("case:1", "case.opened", {"x": float("nan")}),
        ("case:1", "case.opened", {"x": "y" * 20_000}),
        ("case:1", "case.opened", ["no dict"]),
    ],
)
def test_emit_refuses_what_cannot_be_an_event(stream, type, data):
    with pytest.raises(EventRefused):
        emit(stream, type, data)
    assert not Event.objects.exists()


@transaction.atomic
def emit_and_fail(type: str) -> None:
    emit("case:1", type, {})
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_events_take_their_places_at_commit():
    with transaction.atomic():
        first = emit("case:1", "case.opened", {})
        second = emit("case:1", "case.closed", {})
        assert Event.objects.get(pk=first.pk).seq is None
    first, second = Event.objects.get(pk=first.pk), Event.objects.get(pk=second.pk)
    assert (first.seq, second.seq) == (1, 2)
    assert second.prev_hash == first.hash == first.expected_hash()
    assert StreamHead.objects.get(pk="case:1").hash == second.hash == second.expected_hash()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_leaves_no_gap():
    with transaction.atomic():
        emit("case:1", "a", {})
        with pytest.raises(ZeroDivisionError):
            emit_and_fail("b")
        emit("case:1", "c", {})
    assert list(Event.objects.order_by("seq").values_list("type", "seq")) == [("a", 1), ("c", 2)]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_act_leaves_nothing():
    with pytest.raises(ZeroDivisionError):
        emit_and_fail("a")
    assert not Event.objects.exists()
    assert not StreamHead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_emit_many_costs_one_insert_and_a_fixed_number_of_statements_at_commit(django_assert_max_num_queries):
    emit("warm", "up", {})
    with django_assert_max_num_queries(7):  # BEGIN, insert, constraints, lock, place, move, COMMIT
        emit_many(NewEvent(f"case:{n}", "case.opened", {"n": n}) for n in range(8))
    assert Event.objects.filter(type="case.opened", seq=1).count() == 8


@pytest.mark.django_db
def test_the_orm_changes_and_removes_nothing():
    event = emit("case:1", "case.opened", {})
    for change in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(AppendOnly):
            change()
    with pytest.raises(AppendOnly):
        Event.objects.update(type="other")
