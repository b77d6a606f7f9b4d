import threading
import time

import pytest

from console.plugin_host.threads import (
    OverBudget,
    PluginRaised,
    Pool,
    PoolFull,
    ask_caller,
    in_plugin_thread,
)


@pytest.fixture
def pool():
    return Pool("test", 2)


def eventually(condition, seconds=3.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_a_value_comes_back_from_another_thread(pool):
    assert pool.call(threading.get_ident, 5) != threading.get_ident()
    assert pool.call(in_plugin_thread, 5) is True
    assert in_plugin_thread() is False


def test_threads_are_reused(pool):
    assert len({pool.call(threading.get_ident, 5) for _ in range(20)}) == 1
    assert pool.threads == 1


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_whatever_is_raised_is_carried_over(pool, error):
    def body():
        raise error("x")

    with pytest.raises(PluginRaised) as caught:
        pool.call(body, 5)
    assert isinstance(caught.value.error, error)
    assert eventually(lambda: pool.busy == 0)


def test_an_overrun_is_abandoned_and_python_code_is_ended(pool):
    def spin():
        while True:
            time.sleep(0.01)

    with pytest.raises(OverBudget):
        pool.call(spin, 0.1)
    assert eventually(lambda: pool.busy == 0)
    assert pool.call(lambda: "next", 5) == "next"


def test_stuck_threads_keep_their_places_until_they_end(pool):
    release = threading.Event()

    def stuck():
        while not release.is_set():
            try:
                time.sleep(0.02)
            except BaseException:
                continue

    for _ in range(2):
        with pytest.raises(OverBudget):
            pool.call(stuck, 0.1)
    with pytest.raises(PoolFull):
        pool.call(lambda: 1, 1)
    release.set()
    assert eventually(lambda: pool.busy == 0)
    assert pool.call(lambda: 1, 1) == 1


def test_places_are_given_back_however_calls_end(pool):
    """Overruns of every length, so that the late throw hits the thread in as many places as possible."""
    for step in range(150):
        try:
            pool.call(lambda step=step: time.sleep(step % 7 / 3000), 0.001)
        except (OverBudget, PoolFull):
            continue
    assert eventually(lambda: pool.busy == 0)
    assert pool.call(lambda: "fine", 5) == "fine"
    assert 0 < pool.threads <= 2


def test_favours_are_done_by_the_waiting_caller(pool):
    assert pool.call(lambda: ask_caller(threading.get_ident), 5) == threading.get_ident()


def test_a_failed_favour_is_raised_in_the_plugin(pool):
    def favour():
        raise LookupError("no")

    def body():
        try:
            ask_caller(favour)
        except LookupError as error:
            return str(error)

    assert pool.call(body, 5) == "no"


def test_an_abandoned_thread_gets_no_more_favours(pool):
    done = []

    def body():
        end = time.monotonic() + 0.4
        while time.monotonic() < end:
            try:
                time.sleep(0.02)
            except BaseException:
                continue
        ask_caller(lambda: done.append("too late"))

    with pytest.raises(OverBudget):
        pool.call(body, 0.1)
    assert eventually(lambda: pool.busy == 0)
    assert done == []


def test_the_callers_own_interruption_passes(pool):
    """As django-q2's time-out does: raised by a signal in the waiting thread."""
    import signal

    from django_q.exceptions import TimeoutException
    from django_q.timeout import TimeoutHandler

    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGALRM)
    try:
        with pytest.raises(TimeoutException), TimeoutHandler(1):
            pool.call(lambda: time.sleep(3), 10)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_forked_worker_starts_with_pools_of_its_own():
    """As django-q2 forks its workers from a process that may have called plugins already."""
    import os

    from console.plugin_host.threads import pool_of

    assert pool_of("forked").call(lambda: 1, 5) == 1
    child = os.fork()
    if child == 0:
        good = False
        try:
            good = pool_of("forked").call(lambda: 2, 5) == 2
        finally:
            os._exit(0 if good else 1)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
