"""Plugin code runs in threads of its plugin's own bounded pool; the caller waits, never longer than the
budget.

A thread that overruns is abandoned: its answer is dropped, an exception is thrown into it so that Python
code ends, and until it really ends it keeps its place in the pool. A full pool refuses further calls. What
a thread cannot be freed from is native code that holds the interpreter lock; then the queue's guard or the
web server's time-out ends the process, and the row that was being worked comes due again.

The plugin's thread has no database: what `ctx` offers from the database is asked of the waiting caller, who
does it.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections

IDLE_SECONDS = 60.0
DEFAULT_SIZE = 8


class Abandoned(BaseException):
    """Thrown into a thread whose caller stopped waiting; not an Exception, so that plain handlers let it
    pass.
    """


class PoolFull(Exception):
    """Every thread of this plugin is busy or stuck."""


class OverBudget(Exception):
    """The call did not end within its budget."""


class DatabaseRefused(Exception):
    """Plugin code reached for the database by itself."""


class _Job:
    """One call on its way through a thread, and the line on which the thread asks its caller for favours."""

    def __init__(self, func: Callable[[], Any]) -> None:
        self.func = func
        self.line: queue.SimpleQueue[tuple[str, Any, Any]] = queue.SimpleQueue()
        self.context = contextvars.copy_context()
        self.given_up = threading.Event()
        self.thread_id: int | None = None
        self.lock = threading.Lock()
        self.released = False

    def run(self) -> None:
        """In the plugin's thread."""
        with self.lock:
            if self.given_up.is_set():
                return
            self.thread_id = threading.get_ident()
        try:
            answer = ("value", self.context.run(self._body), None)
        except BaseException as error:
            answer = ("error", error, None)
        with self.lock:
            self.thread_id = None
        self.line.put(answer)

    def _body(self) -> Any:
        _current.job = self
        try:
            return self.func()
        finally:
            _current.job = None

    def give_up(self) -> None:
        """In the caller: stop listening and ask the thread to end."""
        with self.lock:
            self.given_up.set()
            if self.thread_id is not None:
                _throw_into(self.thread_id)


class _Current(threading.local):
    job: _Job | None = None


_current = _Current()


def _throw_into(thread_id: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(Abandoned))


def ask_caller(func: Callable[[], Any]) -> Any:
    """From plugin code: have the waiting caller do something with the database, and return or raise its
    result.
    """
    job = _current.job
    if job is None:
        return func()
    if job.given_up.is_set():
        raise Abandoned
    reply: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
    job.line.put(("ask", func, reply))
    while True:
        try:
            good, value = reply.get(timeout=0.5)
            break
        except queue.Empty:
            if job.given_up.is_set():
                raise Abandoned from None
    if good:
        return value
    raise value


def in_plugin_thread() -> bool:
    """Whether this is plugin code running under a pool."""
    return _current.job is not None


class Pool:
    """The threads of one plugin in this process."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.threads = 0
        self.busy = 0

    def call(self, func: Callable[[], Any], budget: float | None) -> Any:
        """Run `func` in a thread and return or raise what it does. Raises PoolFull or OverBudget of its own."""
        job = self._submit(func)
        try:
            return self._wait(job, None if budget is None else time.monotonic() + budget)
        finally:
            job.give_up()

    def _submit(self, func: Callable[[], Any]) -> _Job:
        job = _Job(func)
        with self.lock:
            if self.busy >= self.size:
                raise PoolFull(self.name)
            if self.busy >= self.threads:
                self._start()
            self.busy += 1
        self.jobs.put(job)
        return job

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=f"plugin-{self.name}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            raise PoolFull(self.name) from error
        self.threads += 1

    def _wait(self, job: _Job, deadline: float | None) -> Any:
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise OverBudget
            try:
                what, value, reply = job.line.get(timeout=left)
            except queue.Empty:
                raise OverBudget from None
            if what == "value":
                return value
            if what == "error":
                raise PluginRaised(value)
            reply.put(_done(value))

    def _work(self) -> None:
        """A thread's life. A late throw may hit anywhere in here; the place in the pool is given back all
        the same.
        """
        _refuse_database()
        job: _Job | None = None
        while True:
            try:
                if job is not None:
                    self._release(job)
                job = self._next()
                if job is None:
                    return
                job.run()
            except Abandoned:
                continue

    def _next(self) -> _Job | None:
        """The next job; None when nothing came for a while and this thread may go."""
        while True:
            try:
                return self.jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self.lock:
                    if self.busy < self.threads:
                        self.threads -= 1
                        return None

    def _release(self, job: _Job) -> None:
        with self.lock:
            if not job.released:
                job.released = True
                self.busy -= 1


class PluginRaised(Exception):
    """What plugin code raised, of whatever class, carried over to the caller's thread."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(repr(type(error)))
        self.error = error


def _done(func: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, func()
    except Exception as error:
        return False, error


def _refuse_database() -> None:
    """In a new pool thread: its own connections can never be opened."""
    for connection in connections.all():
        connection.connect = _no_connection


def _no_connection() -> None:
    raise DatabaseRefused("Plugin code has no database; use ctx.store, or return what the core should store.")


_pools: dict[str, Pool] = {}
_pools_lock = threading.Lock()


def pool_of(plugin: str) -> Pool:
    """The pool of a plugin in this process."""
    with _pools_lock:
        pool = _pools.get(plugin)
        if pool is None:
            size = getattr(settings, "HUIYIN_PLUGIN_THREADS", DEFAULT_SIZE)
            pool = _pools[plugin] = Pool(plugin, size)
        return pool


def forget_pools() -> None:
    """After a fork no thread of the parent exists any more."""
    global _pools_lock
    _pools_lock = threading.Lock()
    _pools.clear()


os.register_at_fork(after_in_child=forget_pools)
