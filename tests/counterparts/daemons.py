"""Running real servers for the length of a test session."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest


def _find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(check: Callable[[], object], seconds: float = 90, why: Callable[[], object] | None = None) -> object:
    """The first true answer of `check`; fails with what `why` says when there is none in time."""
    until = time.monotonic() + seconds
    while not (answer := check()):
        if time.monotonic() > until:
            raise AssertionError(why() if why else f"nothing happened for {seconds} s")
        time.sleep(0.05)
    return answer


def listens(port: int) -> bool:
    """Does somebody answer on this port?"""
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Daemon:
    """One server in the foreground, in a session of its own."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.command = [_find(command[0]) or command[0], *command[1:]]
        self.port = port
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until the port answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        wait_for(lambda: listens(self.port) or self._died())

    def _died(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            pytest.fail(f"{self.command[0]} stopped: {self.log.read_text(errors='replace')[-2000:]}")
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop this server and its children, and wait."""
        if self.process is None:
            return
        for sign in (how, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process = None
