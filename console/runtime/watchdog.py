"""What the supervisor does between looks at its children: sweep, run periodic duties, watch that work is done."""

import time

import structlog
from django.conf import settings
from django.db import connections

from console.foundation import leases, work

from .children import WORKERS
from .queue_age import idle_while_due
from .supervisor import Supervisor

log = structlog.get_logger(__name__)

DUTY_SECONDS = 1
SWEEP_SECONDS = 5


class Watchdog:
    """Called about twice a second by the supervisor; does little each time."""

    def __init__(self) -> None:
        self.next_duty = 0.0
        self.next_sweep = 0.0
        self.moved = 0.0
        self.restarts = 0

    def __call__(self, supervisor: Supervisor) -> None:
        now = time.monotonic()
        if now >= self.next_duty:
            self.next_duty = now + DUTY_SECONDS
            work.run_periodic()
        if now >= self.next_sweep:
            self.next_sweep = now + SWEEP_SECONDS
            if freed := work.free_dead():
                log.warning("claims of ended processes freed", rows=freed)
            work.sweep()
            self._watch_queue(supervisor)

    def _watch_queue(self, supervisor: Supervisor) -> None:
        """A worker that does nothing although work is due hangs, however alive it looks (docs/adr/0002-doorbell.md)."""
        now = time.monotonic()
        workers = [child for name, child in supervisor.children.items() if name in WORKERS]
        if not idle_while_due(SWEEP_SECONDS, leases.node()) or any(child.kill_at for child in workers):
            self.moved = now
            return
        since = max([self.moved, *(child.started for child in workers if child.pid)])
        if now - since > settings.HUIYIN_HUNG_SECONDS:
            self.restarts += 1
            log.error("queue hangs: work is due and none is done", seconds=round(now - self.moved))
            for child in workers:
                supervisor.restart(child.name)
            connections.close_all()
