"""Work as rows: claimed in batches, rung for once per batch, swept when nobody rang.

The rows are the truth and the queue is only a doorbell. A pump is a function that claims some due rows, works
them and says how many it handled; `run_pump` (a django-q2 task) repeats it until nothing is due.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone

from . import leases
from .leases import Lease, holder
from .models import Periodic, PumpSlot, WorkRow
from .transactions import assert_no_transaction

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(minutes=5)
BACKOFF = tuple(timedelta(seconds=s) for s in (5, 30, 60, 300, 1200, 3600, 14400))
RUN_SECONDS = 20.0
SLOT_LEASE = timedelta(seconds=60)
# A ring nobody answered for this long is rung again: its task was lost with a killed cluster.
RING_STALE = timedelta(seconds=20)
DEAD = "dead"


@dataclass(frozen=True)
class Pump:
    """A registered pump: `drain` handles a batch, `due` gives its rows, `parallel` how many may run at once."""

    name: str
    drain: Callable[[], int]
    due: Callable[[], QuerySet] | None
    parallel: int


_pumps: dict[str, Pump] = {}


def register_pump(
    name: str, drain: Callable[[], int], due: Callable[[], QuerySet] | None = None, parallel: int | None = None
) -> None:
    """Called from AppConfig.ready(). `drain()` handles up to BATCH due rows and returns how many it did.

    `due()` gives the queryset of unfinished work (any time; being due is added here): with it the sweeper rings
    only when needed and the watchdog sees the oldest age; without it the sweeper always rings.
    """
    _pumps[name] = Pump(name, drain, due, parallel or settings.HUIYIN_PUMP_PARALLEL)


def pumps() -> list[Pump]:
    return list(_pumps.values())


# Claiming and settling rows


def due_filter(now: datetime) -> Q:
    return Q(next_attempt_at__lte=now)


def claim(queryset: QuerySet, limit: int = BATCH, lease: timedelta = LEASE) -> list:
    """Take up to `limit` due rows: committed, attempt counted, lease set, before any work begins.

    Rows another worker holds are skipped. If the caller dies, they come due again when the lease ends.
    """
    assert_no_transaction("A claim")
    now = timezone.now()
    due = queryset.filter(due_filter(now)).order_by("next_attempt_at", "pk")
    if not due.exists():
        return []
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    with transaction.atomic():
        rows = list(due[:limit])
        until = now + lease
        queryset.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1, lease_until=until, leased_by=holder(), next_attempt_at=until
        )
    for row in rows:
        row.attempts += 1
        row.lease_until = row.next_attempt_at = until
    return rows


def settle(row: WorkRow, status: str, **changes) -> bool:
    """Finish a row: nothing is due any more. Other fields may be changed with it.

    False, and nothing written, when the lease ran out and another worker has claimed the row since.
    """
    return _write(row, status=status, next_attempt_at=None, lease_until=None, **changes)


def settle_many(rows: Sequence[WorkRow], status: str) -> int:
    """Finish rows of one claim in one statement; returns how many were still ours."""
    if not rows:
        return 0
    model, lease = type(rows[0]), rows[0].lease_until
    ours = model._base_manager.filter(pk__in=[row.pk for row in rows], lease_until=lease)
    return ours.update(status=status, next_attempt_at=None, lease_until=None)


def postpone(row: WorkRow, error: str, *, after: timedelta | None = None, dead: str = DEAD, **changes) -> bool:
    """Plan the next attempt by BACKOFF, or `after` when the other side said so.

    False: given up as `dead` (`row.status` says so), or another worker has claimed the row since.
    """
    if row.attempts > len(BACKOFF):
        settle(row, dead, last_error=error, **changes)
        return False
    wait = after if after is not None else BACKOFF[max(row.attempts, 1) - 1] * random.uniform(0.9, 1.1)
    return _write(row, next_attempt_at=timezone.now() + wait, lease_until=None, last_error=error, **changes)


def release(row: WorkRow) -> bool:
    """Give a claimed row back untried: the attempt does not count."""
    return _write(row, attempts=max(row.attempts - 1, 0), next_attempt_at=timezone.now(), lease_until=None)


def revive(row: WorkRow, status: str = "pending") -> bool:
    """Make a finished or dead row due again with a fresh count of attempts: replay by a person."""
    return _write(row, status=status, attempts=0, next_attempt_at=timezone.now(), lease_until=None, last_error="")


def _write(row: WorkRow, **changes) -> bool:
    """Change the row if nobody has claimed it since it was read: each claim raises `attempts`."""
    mine = type(row)._base_manager.filter(pk=row.pk, attempts=row.attempts).update(**changes)
    if mine:
        for name, value in changes.items():
            setattr(row, name, value)
    return bool(mine)


# Ringing and running


def ring(name: str) -> None:
    """Ask for the pump to run once this transaction commits. Cheap to call for every row: rings are coalesced."""
    for _, callback, _ in connection.run_on_commit:
        if isinstance(callback, _Ring) and callback.name == name:
            return
    transaction.on_commit(_Ring(name), robust=True)


class _Ring:
    """The on-commit half of a ring; a class, so that a second ring of one transaction is recognised."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        ring_now(self.name)


def ring_now(name: str) -> bool:
    """Queue one task for the pump unless one is already on its way. A failure is left to the sweeper."""
    from django_q.tasks import async_task

    now = timezone.now()
    stale = now - RING_STALE
    bells = PumpSlot.objects.filter(pump=name, slot=0)
    try:
        bell = bells.values_list("rung_at", flat=True).first()
        if bell is not None and bell > stale:
            return False
        if not bells.filter(Q(rung_at=None) | Q(rung_at__lte=stale)).update(rung_at=now):
            _, made = bells.get_or_create(pump=name, slot=0, defaults={"rung_at": now})
            if not made:
                return False
        async_task("console.foundation.work.run_pump", name, group=name)
    except Exception:
        log.exception("ring_failed", extra={"pump": name})
        return False
    return True


def run_pump(name: str, seconds: float = RUN_SECONDS) -> int:
    """The queue's task: drain until nothing is due; ring again when the time is up first. Returns rows handled."""
    pump = _pumps[name]
    deadline = time.monotonic() + seconds
    total = 0
    while (slot := _take_slot(pump)) is not None:
        PumpSlot.objects.filter(pump=name, slot=0).update(rung_at=None)
        try:
            total += _drain(pump, slot, deadline)
        except Exception:
            # The queue would keep the exception with its words, in its log and its table.
            log.exception("pump_failed", extra={"pump": name})
            break
        finally:
            PumpSlot.objects.filter(pump=name, slot=slot).update(busy_until=None)
        if time.monotonic() >= deadline:
            ring_now(name)
            break
        # Who rang while every slot was busy went away again: look before leaving.
        if not PumpSlot.objects.filter(pump=name, slot=0, rung_at__isnull=False).exists():
            break
    return total


def _take_slot(pump: Pump) -> int | None:
    now = timezone.now()
    mine = {"busy_until": now + SLOT_LEASE, "busy_by": holder()}
    for slot in range(pump.parallel):
        free = PumpSlot.objects.filter(Q(busy_until=None) | Q(busy_until__lte=now), pump=pump.name, slot=slot)
        if free.update(**mine):
            return slot
        _, made = PumpSlot.objects.get_or_create(pump=pump.name, slot=slot, defaults=mine)
        if made:
            return slot
    return None


def _drain(pump: Pump, slot: int, deadline: float) -> int:
    total = 0
    while handled := pump.drain():
        total += handled
        if time.monotonic() >= deadline:
            break
        if handled >= BATCH and pump.parallel > 1:
            ring_now(pump.name)
        PumpSlot.objects.filter(pump=pump.name, slot=slot).update(busy_until=timezone.now() + SLOT_LEASE)
    return total


def drain_all(rounds: int = 50) -> int:
    """Run every pump here and now until none has work: for tests and for commands without a cluster."""
    total = 0
    for _ in range(rounds):
        handled = sum(pump.drain() for pump in pumps())
        if not handled:
            return total
        total += handled
    raise RuntimeError(f"Work did not end after {rounds} rounds: a pump claims rows it never settles.")


# Sweeping and watching


def sweep() -> list[str]:
    """Ring every pump that has due rows. The watchdog calls it every few seconds; returns the names rung."""
    now = timezone.now()
    waiting = [pump for pump in pumps() if pump.due is None or pump.due().filter(due_filter(now)).exists()]
    return [pump.name for pump in waiting if ring_now(pump.name)]


def free_dead() -> int:
    """Make due at once what processes of this node held when they were killed; how many rows."""
    held = [Lease(pump.due) for pump in pumps() if pump.due and issubclass(pump.due().model, WorkRow)]
    freed = leases.free_dead([Lease(PumpSlot.objects.all, by="busy_by", until="busy_until", due=""), *held])
    if freed:
        # Their rings died with them.
        PumpSlot.objects.filter(slot=0).update(rung_at=None)
    return freed


def busy(node: str = "") -> bool:
    """Whether any pump is at work, here or (without a node) anywhere."""
    return PumpSlot.objects.filter(busy_until__gt=timezone.now(), busy_by__startswith=node).exists()


def oldest_due_age(name: str) -> float:
    """Seconds the oldest due row of a pump has been waiting; 0.0 when none waits. A hung cluster shows here."""
    pump = _pumps[name]
    if pump.due is None:
        return 0.0
    now = timezone.now()
    oldest = pump.due().filter(due_filter(now)).aggregate(oldest=Min("next_attempt_at"))["oldest"]
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0


def due_ages() -> dict[str, float]:
    """Oldest due age of every pump, for the watchdog and the metrics."""
    return {pump.name: oldest_due_age(pump.name) for pump in pumps()}


_duties: dict[str, tuple[float, Callable[[], object]]] = {}


def register_periodic(name: str, every_seconds: float, func: Callable[[], object]) -> None:
    """Called from AppConfig.ready(): run `func` about every so often, once over all nodes, in the watchdog.

    It must be short (ring a pump, do not do the work) and safe to repeat. What it raises is recorded and logged.
    """
    _duties[name] = (every_seconds, func)


def run_periodic() -> list[str]:
    """Run the duties whose time has come; the watchdog calls it about every second. Returns the names run."""
    now = timezone.now()
    known = {duty.name: duty for duty in Periodic.objects.filter(name__in=_duties)}
    missing = [Periodic(name=name, next_run_at=now) for name in _duties if name not in known]
    if missing:
        Periodic.objects.bulk_create(missing, ignore_conflicts=True)
        known |= {duty.name: duty for duty in missing}
    return [name for name in list(_duties) if known[name].next_run_at <= now and _run_duty(known[name], now)]


def _run_duty(duty: Periodic, now: datetime) -> bool:
    """Run one duty unless another watchdog was first: whoever moves its time on runs it."""
    every, func = _duties[duty.name]
    mine = Periodic.objects.filter(name=duty.name, next_run_at=duty.next_run_at).update(
        next_run_at=now + timedelta(seconds=every), last_run_at=now
    )
    if not mine:
        return False
    error = ""
    try:
        func()
    except Exception as problem:
        log.exception("periodic_failed", extra={"duty": duty.name})
        error = type(problem).__name__
    if error != duty.last_error:
        Periodic.objects.filter(name=duty.name).update(last_error=error)
    return True
