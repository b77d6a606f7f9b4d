"""Circuit breaker per (plugin, instance, method), kept in rows: five faults in ten minutes and work waits.

While open, one call is let through when `probe_at` has come (whoever moves it on by a conditional update is
the one): a good answer closes the circuit, a bad one doubles the wait. A health check may bring the trial
forward, and a person may close it at once. Waiting work is never dropped.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from . import state
from .models import Circuit, PluginRun
from .outcomes import FAULTS

FAULTS_TO_OPEN = 5
WINDOW = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
TRIAL_LEASE = timedelta(minutes=3)
POOL_WAIT_SECONDS = 5.0

Place = tuple[str, str, str]


def admits(place: Place) -> tuple[bool, float]:
    """(may this call go through, else in how many seconds to ask again). Takes the trial when its time has
    come.
    """
    known = state.snapshot().circuits.get(place)
    if known is None:
        return True, 0.0
    now = timezone.now()
    left = (known[1] - now).total_seconds()
    if left > 0:
        return False, max(left, 1.0)
    if _take_trial(place, now):
        return True, 0.0
    state.look_again()
    return False, POOL_WAIT_SECONDS


def _rows(place: Place):
    plugin, instance, method = place
    return Circuit.objects.filter(plugin=plugin, instance=instance, method=method)


def _take_trial(place: Place, now) -> bool:
    mine = _rows(place).exclude(state=Circuit.State.CLOSED).filter(probe_at__lte=now)
    if not mine.update(state=Circuit.State.TRIAL, probe_at=now + TRIAL_LEASE):
        return False
    state.changed()
    return True


def on_good(place: Place) -> bool:
    """After a call that came back well: closes the circuit if it was not. True when it was closed now."""
    if place not in state.snapshot().circuits:
        return False
    now = timezone.now()
    closed = _rows(place).exclude(state=Circuit.State.CLOSED)
    done = closed.update(state=Circuit.State.CLOSED, closed_at=now, closed_by="", probes=0)
    state.changed()
    return bool(done)


def on_fault(place: Place, reason: str) -> bool:
    """After a fault was recorded: opens the circuit, or keeps it open for longer. True when it opened now."""
    now = timezone.now()
    row = _rows(place).first()
    if row is not None and row.state != Circuit.State.CLOSED:
        wait = min(FIRST_WAIT * 2 ** min(row.probes + 1, 10), LONGEST_WAIT)
        _rows(place).update(state=Circuit.State.OPEN, probe_at=now + wait, probes=row.probes + 1, reason=reason)
        state.changed()
        return False
    if _recent_faults(place, row) < FAULTS_TO_OPEN:
        return False
    return _open(place, reason, now)


def _recent_faults(place: Place, row: Circuit | None) -> int:
    plugin, instance, method = place
    since = timezone.now() - WINDOW
    if row is not None and row.closed_at is not None:
        since = max(since, row.closed_at)
    return PluginRun.objects.filter(
        plugin=plugin, instance=instance, method=method, at__gt=since, kind__in=[str(fault) for fault in FAULTS]
    ).count()


def _open(place: Place, reason: str, now) -> bool:
    plugin, instance, method = place
    values = {
        "state": Circuit.State.OPEN,
        "reason": reason,
        "opened_at": now,
        "closed_at": None,
        "closed_by": "",
        "probe_at": now + FIRST_WAIT,
        "probes": 0,
    }
    with transaction.atomic():
        row, made = Circuit.objects.get_or_create(plugin=plugin, instance=instance, method=method, defaults=values)
        if not made and not Circuit.objects.filter(pk=row.pk, state=Circuit.State.CLOSED).update(**values):
            return False
        state.changed()
    return True


def bring_forward(row: Circuit) -> None:
    """Let the next call be a trial: a health check came back well."""
    Circuit.objects.filter(pk=row.pk).exclude(state=Circuit.State.CLOSED).update(probe_at=timezone.now())
    state.changed()
