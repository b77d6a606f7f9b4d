"""One parent, loaded once; children are forked from it and share its memory.

Each child leads its own session, dies with its parent, is asked to stop alone (never its group) and is restarted
with back-off. The parent's loop is also the sweeper and the queue watchdog: a job of the queue could hang with it.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import connections

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
STOP_SECONDS = 25
MAX_BACKOFF_SECONDS = 5
TICK_SECONDS = 0.5


@dataclass
class Child:
    """One supervised process: its name, its body, and how often it fell."""

    name: str
    body: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    falls: int = 0
    not_before: float = 0.0
    kill_at: float = field(default=0.0)

    def start(self) -> None:
        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(parent)
        self.pid, self.started, self.kill_at = pid, time.monotonic(), 0.0

    def _become(self, parent: int) -> None:
        """In the child: own session, name and signals, and gone when the parent is gone."""
        code = 1
        try:
            os.setsid()
            system = ctypes.CDLL(None)
            system.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            system.prctl(PR_SET_NAME, f"huiyin-{self.name}".encode())
            if os.getppid() != parent:
                os._exit(0)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            self.body()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        except BaseException:
            log.exception("child failed", child=self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def stop(self, within: float | None = None) -> None:
        """Ask the leader to stop; its group is killed only when it has not done so in time."""
        if self.pid and not self.kill_at:
            self.kill_at = time.monotonic() + (STOP_SECONDS if within is None else within)
            _signal(self.pid, signal.SIGTERM)

    def buried(self) -> None:
        """The leader is gone: end what it left behind, and wait a little longer after each quick fall."""
        _signal_group(self.pid)
        lived = time.monotonic() - self.started
        self.falls = 0 if lived > MAX_BACKOFF_SECONDS else self.falls + 1
        self.not_before = time.monotonic() + min(MAX_BACKOFF_SECONDS, 2**self.falls - 1)
        self.pid = 0


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


class Supervisor:
    """Keeps the children alive and calls `tick` between looks; returns when asked to stop."""

    def __init__(self, bodies: dict[str, Callable[[], None]], tick: Callable[["Supervisor"], None]) -> None:
        self.children = {name: Child(name, body) for name, body in bodies.items()}
        self.tick = tick
        self.stopping = False

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_stop)
        for child in self.children.values():
            child.start()
        while not self.stopping:
            self._reap()
            self._revive()
            self._guarded_tick()
            time.sleep(TICK_SECONDS)
        self._stop_all()

    def restart(self, name: str) -> None:
        """Stop one child; the loop starts it again."""
        log.warning("restarting child", child=name)
        self.children[name].stop(within=10)

    def _ask_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _reap(self) -> None:
        by_pid = {child.pid: child for child in self.children.values() if child.pid}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            if child := by_pid.get(pid):
                if not self.stopping:
                    log.warning("child ended", child=child.name, status=status)
                child.buried()
        for child in self.children.values():
            if child.pid and child.kill_at and time.monotonic() > child.kill_at:
                _signal_group(child.pid)

    def _revive(self) -> None:
        for child in self.children.values():
            if not child.pid and time.monotonic() >= child.not_before:
                child.start()

    def _guarded_tick(self) -> None:
        try:
            self.tick(self)
        except Exception:
            log.exception("watchdog tick failed")
            connections.close_all()

    def _stop_all(self) -> None:
        for child in self.children.values():
            child.stop()
        while any(child.pid for child in self.children.values()):
            self._reap()
            time.sleep(0.05)
