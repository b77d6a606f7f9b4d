"""What the supervisor does between looks at its children: sweep, run periodic duties, watch the queue's age."""

import time

import structlog
from django.db import connections

from console.foundation import work

from .queue_age import oldest_due_seconds
from .supervisor import Supervisor

log = structlog.get_logger(__name__)

DUTY_SECONDS = 1
SWEEP_SECONDS = 5
HUNG_AFTER_SECONDS = 60
"""A due row this old, with a worker that had a minute to start, means a hung cluster (docs/adr/0002-doorbell.md)."""


class Watchdog:
    """Called about twice a second by the supervisor; does little each time."""

    def __init__(self) -> None:
        self.next_duty = 0.0
        self.next_sweep = 0.0
        self.restarts = 0

    def __call__(self, supervisor: Supervisor) -> None:
        now = time.monotonic()
        if now >= self.next_duty:
            self.next_duty = now + DUTY_SECONDS
            work.run_periodic()
        if now >= self.next_sweep:
            self.next_sweep = now + SWEEP_SECONDS
            work.sweep()
            self._watch_queue(supervisor)

    def _watch_queue(self, supervisor: Supervisor) -> None:
        worker = supervisor.children["worker"]
        settled = worker.pid and time.monotonic() - worker.started > HUNG_AFTER_SECONDS
        if settled and not worker.kill_at and oldest_due_seconds() > HUNG_AFTER_SECONDS:
            self.restarts += 1
            log.error("queue hangs: oldest due row too old", seconds=oldest_due_seconds())
            supervisor.restart("worker")
            connections.close_all()
