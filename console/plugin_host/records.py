"""Writes down how calls ended. What cannot be written is logged: a full disk never turns into a failed call."""

from __future__ import annotations

import os
import time
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from console.events import clear_alarm, current_correlation, raise_alarm
from console.events.alarms import register_alarm

from . import circuits
from .models import Circuit, PluginRun
from .outcomes import FAULTS

log = structlog.get_logger(__name__)
ALARM = "plugin.circuit_open"
SAME_SECONDS = 60.0
_told: dict[tuple[str, ...], float] = {}
os.register_at_fork(after_in_child=_told.clear)


def register_alarms() -> None:
    """The words of this room's alarms. Called from ready()."""
    register_alarm(
        ALARM,
        title=_("A plugin keeps failing"),
        text=_("%(plugin)s failed five times within ten minutes in %(method)s; its work waits and nothing is lost."),
        next_step=_("Open the plugins page, read the last error, mend its cause, then close the circuit."),
    )


def alarm_key(place: circuits.Place) -> str:
    return ":".join(place)


def good(place: circuits.Place) -> None:
    """After a good call: a circuit on trial closes and its alarm clears. Costs nothing while all is well."""
    try:
        if circuits.on_good(place):
            log.info("plugin_circuit_closed")
            clear_alarm(ALARM, alarm_key(place))
    except DatabaseError:
        log.warning("plugin_circuit_not_written", exc_info=True)


def failure(place: circuits.Place, report: Any, message: str, trace: str, milliseconds: float) -> int | None:
    """Store one failed call and move its circuit. Returns the row's id, None when it was not stored."""
    fault = report.failure in FAULTS
    log.warning("plugin_call_failed", kind=report.failure.value, error=report.error_class)
    if not fault and _told_lately((*place, report.failure.value, report.error_class)):
        good(place)
        return None
    plugin, instance, method = place
    try:
        run = PluginRun.objects.create(
            plugin=plugin, instance=instance, method=method, kind=report.failure.value,
            error=report.error_class, message=message, trace=trace,
            milliseconds=round(milliseconds), correlation_id=current_correlation()[:64],
        )  # fmt: skip
        if not fault:
            good(place)
        elif circuits.on_fault(place, f"{report.error_class}: {message}"[:500]):
            _opened(place)
    except DatabaseError:
        log.warning("plugin_run_not_written", exc_info=True)
        return None
    return run.pk


def _opened(place: circuits.Place) -> None:
    plugin, instance, method = place
    log.error("plugin_circuit_open")
    raise_alarm(ALARM, alarm_key(place), data={"plugin": plugin, "instance": instance, "method": method})


def _told_lately(key: tuple[str, ...]) -> bool:
    """Whether the same declared failure was stored a moment ago: an hour of "server busy" is not a thousand
    rows.
    """
    now = time.monotonic()
    if now - _told.get(key, -SAME_SECONDS) < SAME_SECONDS:
        return True
    if len(_told) > 2000:
        _told.clear()
    _told[key] = now
    return False


def forget() -> None:
    """Store the next declared failure again (tests)."""
    _told.clear()


def last_failures(plugin: str, limit: int = 10) -> list[PluginRun]:
    """The newest failed calls of a plugin."""
    return list(PluginRun.objects.filter(plugin=plugin).order_by("-at", "-pk")[:limit])


def open_circuits() -> list[Circuit]:
    """Circuits that are not closed."""
    return list(Circuit.objects.exclude(state=Circuit.State.CLOSED).order_by("plugin", "instance", "method"))
