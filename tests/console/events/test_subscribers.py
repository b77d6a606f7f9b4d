"""Inline listeners agree with the act or undo it; after-commit listeners get every event, at least once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from console.events import Actor, NewEvent, acting_as, current_actor, current_correlation, emit, emit_many
from console.events.models import Alarm, Event, EventDelivery
from console.events.services import deliveries
from console.foundation.transactions import in_transaction
from console.foundation.work import BACKOFF, claim

BOSS = Actor("staff", "1", "boss")


@pytest.mark.django_db
def test_inline_listeners_run_in_order_inside_the_act(listen):
    seen = []
    listen("case.*", "tests.second", lambda event: seen.append(("second", event.type)), order=20)
    listen(["case.opened", "x.*"], "tests.first", lambda event: seen.append(("first", event.type)), order=10)
    emit("case:1", "case.opened", {})
    emit("case:1", "message.received", {})
    assert seen == [("first", "case.opened"), ("second", "case.opened")]


@pytest.mark.django_db
def test_each_listener_hears_all_of_an_emit_before_the_next(listen):
    seen = []
    listen("case.*", "tests.one", lambda event: seen.append(event.stream), order=10)
    listen("case.opened", "tests.all", lambda events: seen.append([event.stream for event in events]), batch=True)
    emit_many([NewEvent("case:1", "case.opened", {}), NewEvent("case:2", "case.opened", {})])
    emit("case:3", "case.closed", {})
    assert seen == ["case:1", "case:2", ["case:1", "case:2"], "case:3"]


@pytest.mark.django_db
def test_an_inline_error_undoes_the_act(listen):
    listen("case.*", "tests.refuses", lambda event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        emit("case:1", "case.opened", {})


@pytest.mark.django_db
def test_a_listener_may_emit(listen):
    listen("case.opened", "tests.echo", lambda event: emit(event.stream, "case.echoed", {}))
    emit("case:1", "case.opened", {})
    assert Event.objects.filter(type="case.echoed").count() == 1


@pytest.mark.django_db
def test_a_listener_without_name_or_mode_is_refused(listen):
    with pytest.raises(ValueError, match="mode"):
        listen("case.*", "tests.x", print, mode="later")
    with pytest.raises(ValueError, match="name"):
        listen([], "tests.x", print)


@pytest.mark.django_db(transaction=True)
class TestAfterCommit:
    def test_it_runs_once_with_the_event_its_actor_and_its_story(self, listen):
        seen = []
        listen(
            "case.*",
            "tests.later",
            lambda event: seen.append((event.data, str(current_actor()), current_correlation(), in_transaction())),
            mode="after_commit",
        )
        with acting_as(BOSS):
            emit("case:1", "case.opened", {"case_id": 1}, correlation_id="c1")
        assert seen == []
        assert (deliveries.drain(), deliveries.drain()) == (1, 0)
        assert seen == [({"case_id": 1}, "staff:boss", "c1", True)]
        assert not EventDelivery.objects.exists()

    def test_it_is_gone_when_the_act_is_undone(self, listen):
        listen("case.*", "tests.later", print, mode="after_commit")

        def act():
            with transaction.atomic():
                emit("case:1", "case.opened", {})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            act()
        assert not EventDelivery.objects.exists()

    def test_a_listener_that_calls_out_runs_outside_any_transaction(self, listen):
        seen = []
        listen("case.*", "tests.net", lambda e: seen.append(in_transaction()), mode="after_commit", atomic=False)
        emit("case:1", "case.opened", {})
        deliveries.drain()
        assert seen == [False]
        assert not EventDelivery.objects.exists()

    def test_a_failure_undoes_only_its_own_work_and_waits(self, listen):
        def half(event):
            emit("case:1", "case.half", {})
            raise RuntimeError("not today")

        listen("case.opened", "tests.half", half, mode="after_commit")
        listen("case.opened", "tests.whole", lambda e: emit("case:1", "case.whole", {}), mode="after_commit")
        emit("case:1", "case.opened", {})
        deliveries.drain()
        assert set(Event.objects.values_list("type", flat=True)) == {"case.opened", "case.whole"}
        row = EventDelivery.objects.get()
        assert (row.consumer, row.attempts, row.last_error) == ("tests.half", 1, "RuntimeError")
        assert timezone.now() < row.next_attempt_at < timezone.now() + 2 * BACKOFF[0]

    def test_after_the_last_attempt_it_is_dead_and_an_alarm_says_so(self, listen):
        listen("case.opened", "tests.never", lambda e: 1 / 0, mode="after_commit")
        emit("case:1", "case.opened", {})
        kill()
        assert EventDelivery.objects.dead().count() == 1
        assert Alarm.objects.open().get().key == "tests.never"

    def test_replay_needs_a_reason_and_makes_it_whole(self, listen):
        listen("case.opened", "tests.mended", lambda e: 1 / 0, mode="after_commit")
        emit("case:1", "case.opened", {})
        kill()
        dead = EventDelivery.objects.dead().get()
        with pytest.raises(deliveries.ReasonMissing):
            deliveries.replay([dead.pk], BOSS, "  ")
        listen("case.opened", "tests.mended", lambda e: None, mode="after_commit")
        assert deliveries.replay([dead.pk], BOSS, "the printer is back") == 1
        deliveries.drain()
        assert not EventDelivery.objects.exists()
        assert not Alarm.objects.open().exists()
        told = Event.objects.get(type="events.delivery.replayed")
        assert (told.actor_label, told.data["consumer"]) == ("boss", "tests.mended")

    def test_dropped_stays_on_record(self, listen):
        listen("case.opened", "tests.gone", lambda e: 1 / 0, mode="after_commit")
        emit("case:1", "case.opened", {})
        kill()
        assert deliveries.drop(EventDelivery.objects.values_list("pk", flat=True), BOSS, "a test mail") == 1
        row = EventDelivery.objects.get()
        assert (row.status, row.reason, row.decided_by) == ("dropped", "a test mail", "staff:boss")
        assert not Alarm.objects.open().exists()

    def test_a_listener_that_is_not_loaded_keeps_its_rows(self, listen):
        EventDelivery.objects.create(event_id=emit("a", "b", {}).id, event_type="b", consumer="plugin.gone")
        deliveries.drain()
        assert "not loaded" in EventDelivery.objects.get().last_error

    @pytest.mark.parametrize("batch", [False, True])
    def test_a_row_claimed_again_meanwhile_is_not_done_twice(self, listen, batch):
        done = []
        listener = listen("case.opened", "tests.slow", done.append, mode="after_commit", batch=batch)
        emit_many([NewEvent("case:1", "case.opened", {}), NewEvent("case:2", "case.opened", {})])
        first, second = claim(EventDelivery.objects.all())
        EventDelivery.objects.filter(pk=first.pk).update(lease_until=first.lease_until + timedelta(seconds=9))
        events = Event.objects.in_bulk()
        for part in [[first, second]] if batch else [[first], [second]]:
            deliveries._call([(row, events[row.event_id]) for row in part], listener)
        assert done == [[events[second.event_id]] if batch else events[second.event_id]]
        assert EventDelivery.objects.get() == first

    def test_a_batch_is_heard_at_once_in_one_transaction(self, listen, django_assert_max_num_queries):
        heard = []
        listen("case.opened", "tests.many", heard.append, mode="after_commit", batch=True)
        emit_many([NewEvent(f"case:{number}", "case.opened", {}) for number in range(20)])
        with django_assert_max_num_queries(15):
            deliveries.drain()
        assert [event.stream for event in heard[0]] == [f"case:{number}" for number in range(20)]
        assert len(heard) == 1
        assert not EventDelivery.objects.exists()

    def test_one_that_does_not_work_stops_no_other_of_its_batch(self, listen):
        def fussy(events):
            for event in events:
                emit(event.stream, "case.noted", {})
                if event.stream == "case:2":
                    raise RuntimeError("not this one")

        listen("case.opened", "tests.fussy", fussy, mode="after_commit", batch=True)
        emit_many([NewEvent(f"case:{number}", "case.opened", {}) for number in (1, 2, 3)])
        deliveries.drain()
        noted = Event.objects.filter(type="case.noted").values_list("stream", flat=True)
        assert sorted(noted) == ["case:1", "case:3"]
        assert EventDelivery.objects.get().last_error == "RuntimeError"


def kill() -> None:
    """Let every attempt happen and fail."""
    for _ in range(len(BACKOFF) + 1):
        EventDelivery.objects.filter(status="pending").update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        deliveries.drain()


@pytest.mark.django_db
def test_what_an_inline_handler_tells_belongs_to_the_story_it_heard(listen):
    listen("story.begun", "tests.story", lambda event: emit("case:9", "story.went_on", {}))
    emit("case:9", "story.begun", {}, correlation_id="c-9")
    emit("case:9", "story.begun", {})
    went_on = Event.objects.filter(type="story.went_on").order_by("id").values_list("correlation_id", flat=True)
    assert list(went_on) == ["c-9", ""]
