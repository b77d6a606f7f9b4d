"""Is this plugin on, and is that circuit shut? Answered from memory, refreshed when the stamp in the
database moved.

A process looks at the stamp at most once a second, outside any transaction's hot path: one small read, no
write.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from .models import Circuit, HostStamp, PluginState

LOOK_SECONDS = 1.0
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Snapshot:
    """What the rows said when the stamp was `number`."""

    number: int
    switches: dict[tuple[str, str | None], bool]
    circuits: dict[Place, tuple[str, datetime]]


class _Memory:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.snapshot: Snapshot | None = None
        self.looked = 0.0


_memory = _Memory()
os.register_at_fork(after_in_child=_memory.reset)


def snapshot() -> Snapshot:
    """The switches and open circuits, at most LOOK_SECONDS old."""
    known = _memory.snapshot
    if known is not None and time.monotonic() - _memory.looked < LOOK_SECONDS:
        return known
    number = HostStamp.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    with _memory.lock:
        if known is None or known.number != number:
            known = _memory.snapshot = _read(number)
        _memory.looked = time.monotonic()
    return known


def _read(number: int) -> Snapshot:
    switches = {(row.plugin, row.scope): row.enabled for row in PluginState.objects.all()}
    shut = Circuit.objects.exclude(state=Circuit.State.CLOSED)
    circuits = {(row.plugin, row.instance, row.method): (row.state, row.probe_at) for row in shut}
    return Snapshot(number, switches, circuits)


def changed() -> None:
    """Tell every process that a row changed, and this one at once. Call in the transaction of the change."""
    if not HostStamp.objects.filter(pk=1).update(number=F("number") + 1):
        HostStamp.objects.get_or_create(pk=1, defaults={"number": 1})
    look_again()


def look_again() -> None:
    """Forget what this process remembers."""
    _memory.snapshot = None


def is_enabled(plugin: str, scope: str | None, bundled: bool) -> bool:
    """The switch of the scope, else the one for all, else on for bundled plugins only."""
    switches = snapshot().switches
    for place in ((plugin, scope), (plugin, None)):
        if place in switches:
            return switches[place]
    return bundled
