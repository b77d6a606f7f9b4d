"""Rings are taken from the queue's table and run; whatever becomes of one, the next is answered."""

import threading
import time

import pytest
from django.db import OperationalError
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ
from django_q.tasks import async_task

from console.foundation import work
from console.runtime import puller

pytestmark = pytest.mark.django_db(transaction=True)
heard: list[str] = []


def hear(word: str) -> None:
    heard.append(word)


def fail() -> None:
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def _nothing_heard(settings):
    heard.clear()
    # The process of the tests grows past what a worker may.
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "max_rss": 2**40}


@pytest.fixture
def pull(monkeypatch):
    """Run a worker until the queue is empty."""
    monkeypatch.setattr(puller.signal, "signal", lambda number, handler: None)

    def until_empty() -> puller.Puller:
        worker = puller.Puller()
        dequeue = worker.broker.dequeue

        def last_look():
            found = dequeue()
            worker.stopping = not OrmQ.objects.exclude(pk__in=[key for key, _payload in found or ()]).exists()
            return found

        monkeypatch.setattr(worker.broker, "dequeue", last_look)
        worker.run()
        return worker

    return until_empty


def test_a_ring_runs_its_pump(pull, monkeypatch):
    drained = iter([3, 0])
    monkeypatch.setitem(work._pumps, "bell", work.Pump("bell", lambda: next(drained), None, 1))
    assert work.ring_now("bell")
    pull()
    assert next(drained, "all") == "all"
    assert not OrmQ.objects.exists()


def test_after_a_task_that_fails_comes_the_next(pull):
    async_task(f"{__name__}.fail")
    async_task(f"{__name__}.no_such_function")
    async_task(hear, "next")
    pull()
    assert heard == ["next"]
    assert not OrmQ.objects.exists()


def test_what_was_not_signed_here_is_never_run(pull):
    async_task(hear, "forged")
    row = OrmQ.objects.get()
    row.payload = row.payload[:-3] + "abc"
    row.save()
    pull()
    assert heard == []
    assert not OrmQ.objects.exists()


def test_a_task_that_overruns_ends_the_worker_and_is_not_tried_again(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "timeout": 1}
    async_task(time.sleep, 30)
    worker = puller.Puller()
    with pytest.raises(TimeoutException):
        [puller.handle(worker.broker, key, payload) for key, payload in worker.broker.dequeue()]
    assert not OrmQ.objects.exists()


def lose_the_database() -> None:
    raise OperationalError("the connection is lost")


def test_a_task_that_loses_the_database_ends_the_worker_so_its_claims_are_free():
    async_task(f"{__name__}.lose_the_database")
    worker = puller.Puller()
    with pytest.raises(OperationalError):
        [puller.handle(worker.broker, key, payload) for key, payload in worker.broker.dequeue()]
    assert not OrmQ.objects.exists()


def test_two_workers_share_the_rings_and_none_runs_twice():
    for number in range(6):
        async_task(hear, str(number))
    first, second = puller.Puller(), puller.Puller()
    taken = []
    while OrmQ.objects.filter(pk__gt=0).exclude(pk__in=[key for key, _ in taken]).exists():
        for worker in (first, second):
            taken += worker.broker.dequeue() or ()
    assert len({key for key, _payload in taken}) == len(taken) == 6


def test_it_stops_when_asked_even_with_nothing_to_do(monkeypatch):
    monkeypatch.setattr(puller.signal, "signal", lambda number, handler: None)
    worker = puller.Puller()
    timer = threading.Timer(0.2, worker._ask_stop, (15, None))
    timer.start()
    worker.run()
    assert worker.stopping


def test_one_that_has_grown_too_large_gives_way(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "max_rss": 1}
    async_task(hear, "later")
    puller.Puller().run()
    assert heard == []
    assert OrmQ.objects.count() == 1
