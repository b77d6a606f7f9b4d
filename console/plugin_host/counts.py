"""Calls per hour, added up in memory and written in batches: a successful call costs no database write.

A killed process loses at most FLUSH_SECONDS of numbers; failures are rows of their own and are never lost.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from .models import PluginHour

log = logging.getLogger(__name__)
FLUSH_SECONDS = 30.0
FLUSH_CALLS = 500

Key = tuple[str, str, str, datetime]


class Counter:
    """The numbers of this process that are not written yet."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.rows: dict[Key, list[float]] = {}
        self.calls = 0
        self.last = time.monotonic()

    def add(self, plugin: str, instance: str, method: str, milliseconds: float, failed: bool) -> bool:
        """Count one call; True when it is time to write."""
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        with self.lock:
            row = self.rows.setdefault((plugin, instance, method, hour), [0, 0, 0.0])
            row[0] += 1
            row[1] += failed
            row[2] += milliseconds
            self.calls += 1
            return self.calls >= FLUSH_CALLS or time.monotonic() - self.last >= FLUSH_SECONDS

    def take(self) -> dict[Key, list[float]]:
        with self.lock:
            rows, self.rows, self.calls, self.last = self.rows, {}, 0, time.monotonic()
        return rows


counter = Counter()
os.register_at_fork(after_in_child=counter.reset)


def flush() -> int:
    """Write what was counted; returns the rows touched. A failing database drops the numbers, never the work."""
    rows = counter.take()
    try:
        for key, values in rows.items():
            _write(key, values)
    except Exception:
        log.warning("plugin_counts_not_written", exc_info=True)
    return len(rows)


def _write(key: Key, values: list[float]) -> None:
    plugin, instance, method, hour = key
    calls, failures, milliseconds = int(values[0]), int(values[1]), round(values[2])
    grow = {
        "calls": F("calls") + calls,
        "failures": F("failures") + failures,
        "milliseconds": F("milliseconds") + milliseconds,
    }
    rows = PluginHour.objects.filter(plugin=plugin, instance=instance, method=method, hour=hour)
    if rows.update(**grow):
        return
    try:
        with transaction.atomic():
            PluginHour.objects.create(
                plugin=plugin, instance=instance, method=method, hour=hour,
                calls=calls, failures=failures, milliseconds=milliseconds,
            )  # fmt: skip
    except IntegrityError:
        rows.update(**grow)


def prune(days: int = 400) -> int:
    """Drop hours nobody asks for any more."""
    return PluginHour.objects.filter(hour__lt=timezone.now() - timedelta(days=days)).delete()[0]
