import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.test.utils import isolate_apps
from django.utils import timezone
from django_q.models import OrmQ

from console.foundation import work
from console.foundation.models import Periodic, PumpSlot, WorkRow
from console.foundation.transactions import InsideTransaction
from tests.console.foundation.conftest import table_of

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def job_table(django_db_setup, django_db_blocker):
    with isolate_apps("console.foundation"):

        class Job(WorkRow):
            note = models.CharField(max_length=20, default="")

            class Meta(WorkRow.Meta):
                app_label = "foundation"

    with table_of(Job, django_db_blocker):
        yield Job


@pytest.fixture
def job_model(job_table, db):
    yield job_table
    job_table.objects.all().delete()


@pytest.fixture
def pump(job_model, monkeypatch):
    """A pump that finishes every row it claims, and remembers them."""
    monkeypatch.setattr(work, "_pumps", {})
    done: list[int] = []

    def drain():
        rows = work.claim(job_model.objects.filter(status="pending"), limit=10)
        done.extend(row.pk for row in rows)
        return sum(work.settle(row, "done") for row in rows)

    work.register_pump("jobs", drain, due=lambda: job_model.objects.filter(status="pending"))
    return done


def tasks():
    return [task.task["args"] for task in OrmQ.objects.all()]


def test_a_claim_is_committed_before_the_work(job_model):
    made = job_model.objects.create()
    (row,) = work.claim(job_model.objects.all(), lease=timedelta(minutes=2))
    kept = job_model.objects.get()
    assert (kept.pk, kept.attempts, kept.lease_until) == (made.pk, 1, row.lease_until)
    assert row.attempts == 1
    assert work.claim(job_model.objects.all()) == []


def test_a_claim_inside_a_transaction_is_refused(job_model):
    with transaction.atomic(), pytest.raises(InsideTransaction):
        work.claim(job_model.objects.all())


def test_only_due_rows_oldest_first_up_to_the_limit(job_model):
    now = timezone.now()
    for minutes in (-1, -3, 5, -2):
        job_model.objects.create(next_attempt_at=now + timedelta(minutes=minutes), note=str(minutes))
    job_model.objects.create(next_attempt_at=None)
    assert [row.note for row in work.claim(job_model.objects.all(), limit=2)] == ["-3", "-2"]
    assert [row.note for row in work.claim(job_model.objects.all(), limit=2)] == ["-1"]


def test_the_row_of_a_dead_worker_comes_due_again(job_model):
    job_model.objects.create()
    work.claim(job_model.objects.all(), lease=timedelta(0))
    (row,) = work.claim(job_model.objects.all())
    assert row.attempts == 2


def test_who_lost_the_lease_writes_nothing(job_model):
    job_model.objects.create()
    (slow,) = work.claim(job_model.objects.all(), lease=timedelta(0))
    (quick,) = work.claim(job_model.objects.all())
    assert work.settle(slow, "failed") is False
    assert work.settle(quick, "done", note="mine") is True
    kept = job_model.objects.get()
    assert (kept.status, kept.note, kept.next_attempt_at) == ("done", "mine", None)


def test_a_batch_is_settled_in_one_statement(job_model, django_assert_num_queries):
    job_model.objects.bulk_create(job_model() for _ in range(4))
    rows = work.claim(job_model.objects.all(), lease=timedelta(0))
    (taken,) = work.claim(job_model.objects.all(), limit=1)
    with django_assert_num_queries(1):
        assert work.settle_many(rows, "done") == 3
    assert job_model.objects.get(status="pending").pk == taken.pk
    assert work.settle_many([], "done") == 0


def test_attempts_space_out_and_end(job_model):
    job_model.objects.create()
    waits = []
    for _ in range(len(work.BACKOFF)):
        (row,) = work.claim(job_model.objects.all())
        assert work.postpone(row, "refused") is True
        waits.append((row.next_attempt_at - timezone.now()).total_seconds())
        job_model.objects.update(next_attempt_at=timezone.now())
    expected = [wait.total_seconds() for wait in work.BACKOFF]
    assert all(0.85 * want < got < 1.15 * want for want, got in zip(expected, waits, strict=True))
    (row,) = work.claim(job_model.objects.all())
    assert work.postpone(row, "refused") is False
    kept = job_model.objects.get()
    assert (kept.status, kept.last_error, kept.next_attempt_at) == ("dead", "refused", None)
    work.revive(kept)
    assert [row.attempts for row in work.claim(job_model.objects.all())] == [1]


def test_the_other_side_may_name_the_time(job_model):
    job_model.objects.create()
    (row,) = work.claim(job_model.objects.all())
    work.postpone(row, "busy", after=timedelta(seconds=90))
    assert 88 < (job_model.objects.get().next_attempt_at - timezone.now()).total_seconds() <= 90


def test_a_released_row_has_lost_no_attempt(job_model):
    job_model.objects.create()
    (row,) = work.claim(job_model.objects.all())
    work.release(row)
    assert job_model.objects.get().attempts == 0
    assert len(work.claim(job_model.objects.all())) == 1


@committed
def test_workers_never_share_a_row(job_model):
    job_model.objects.bulk_create(job_model() for _ in range(200))
    taken: list[int] = []

    def drain():
        while rows := work.claim(job_model.objects.all(), limit=7):
            taken.extend(row.pk for row in rows)
        connection.close()

    threads = [threading.Thread(target=drain) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(taken) == sorted(job_model.objects.values_list("pk", flat=True))


@committed
def test_one_ring_for_many_rows(pump, job_model):
    with transaction.atomic():
        for _ in range(5):
            job_model.objects.create()
            work.ring("jobs")
        assert tasks() == []
    assert tasks() == [("jobs",)]
    work.ring("jobs")
    assert len(tasks()) == 1


@committed
def test_a_rolled_back_change_rings_nothing(pump):
    with transaction.atomic():
        work.ring("jobs")
        transaction.set_rollback(True)
    assert tasks() == []


@committed
def test_answering_makes_room_for_the_next_ring(pump, job_model):
    job_model.objects.bulk_create(job_model() for _ in range(25))
    work.ring("jobs")
    assert work.run_pump("jobs") == 25
    assert len(pump) == 25
    work.ring("jobs")
    assert len(tasks()) == 2


@committed
def test_a_lost_ring_is_rung_again(pump):
    work.ring("jobs")
    OrmQ.objects.all().delete()
    PumpSlot.objects.update(rung_at=timezone.now() - 2 * work.RING_STALE)
    work.ring("jobs")
    assert tasks() == [("jobs",)]


@committed
def test_a_ring_that_fails_is_left_to_the_sweeper(pump, job_model, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("queue gone")

    monkeypatch.setattr("django_q.tasks.async_task", broken)
    with transaction.atomic():
        job_model.objects.create()
        work.ring("jobs")
    assert job_model.objects.count() == 1


@committed
def test_a_busy_pump_is_not_run_twice_and_looks_again(pump, job_model, settings):
    PumpSlot.objects.create(pump="jobs", slot=0, busy_until=timezone.now() + timedelta(seconds=30))
    work.register_pump("jobs", work._pumps["jobs"].drain, work._pumps["jobs"].due, parallel=1)
    job_model.objects.create()
    work.ring("jobs")
    assert work.run_pump("jobs") == 0
    PumpSlot.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert work.run_pump("jobs") == 1


@committed
def test_rows_that_come_while_leaving_are_seen(job_model, monkeypatch):
    monkeypatch.setattr(work, "_pumps", {})
    late = []

    def drain():
        rows = work.claim(job_model.objects.filter(status="pending"))
        if not rows and not late:
            late.append(job_model.objects.create())
            work.ring("jobs")
        return sum(work.settle(row, "done") for row in rows)

    work.register_pump("jobs", drain, parallel=1)
    job_model.objects.create()
    assert work.run_pump("jobs") == 2


def test_a_long_run_hands_over_in_time(job_model, monkeypatch):
    monkeypatch.setattr(work, "_pumps", {})
    work.register_pump("jobs", lambda: 1)
    assert work.run_pump("jobs", seconds=0.05) >= 1
    assert tasks() == [("jobs",)]


def test_a_pump_that_fails_frees_its_slot_and_tells_the_queue_nothing(monkeypatch):
    monkeypatch.setattr(work, "_pumps", {})

    def broken():
        raise ValueError

    work.register_pump("jobs", broken)
    assert work.run_pump("jobs") == 0
    assert PumpSlot.objects.get().busy_until is None


def test_the_sweeper_rings_only_for_due_rows(pump, job_model):
    job_model.objects.create(next_attempt_at=timezone.now() + timedelta(hours=1))
    assert work.sweep() == []
    job_model.objects.create(next_attempt_at=timezone.now() - timedelta(seconds=30))
    assert work.sweep() == ["jobs"]
    assert work.sweep() == []
    assert 29 < work.oldest_due_age("jobs") < 60
    assert work.due_ages().keys() == {"jobs"}
    assert work.drain_all() == 1
    assert work.oldest_due_age("jobs") == 0.0


def test_drain_all_notices_work_that_never_ends(monkeypatch):
    monkeypatch.setattr(work, "_pumps", {})
    work.register_pump("endless", lambda: 1)
    with pytest.raises(RuntimeError):
        work.drain_all(rounds=3)


def test_periodic_duties_run_once_over_all_nodes(monkeypatch):
    ran = []
    monkeypatch.setattr(work, "_duties", {})
    work.register_periodic("poll", 60, lambda: ran.append(1))
    assert work.run_periodic() == ["poll"]
    assert work.run_periodic() == []
    Periodic.objects.update(next_run_at=timezone.now())
    assert work.run_periodic() == ["poll"]
    assert ran == [1, 1]


def test_a_failing_duty_is_recorded_and_heals(monkeypatch):
    outcome = [ValueError("x")]

    def duty():
        if outcome:
            raise outcome.pop()

    monkeypatch.setattr(work, "_duties", {})
    work.register_periodic("poll", 0, duty)
    work.run_periodic()
    assert Periodic.objects.get().last_error == "ValueError"
    work.run_periodic()
    assert Periodic.objects.get().last_error == ""


@committed
def test_ringing_is_cheap_when_a_ring_is_out(pump, django_assert_num_queries):
    work.ring("jobs")
    with django_assert_num_queries(1):
        work.ring("jobs")
    started = time.perf_counter()
    with transaction.atomic():
        for _ in range(1000):
            work.ring("jobs")
    assert time.perf_counter() - started < 1.0
