"""Clocks in the database: gather the history, compute, store what came out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from .. import clocks
from ..config import Spec, spec_of
from ..models import NEVER, Case, Clock, ClockState, Escalation, Extension, Fact, Mark, StateInterval
from .base import Who, changing, record, who

LIVE = (ClockState.RUNNING, ClockState.BREACHED)


def recompute_clocks(case: Case, now: datetime | None = None) -> Case:
    """Compute every clock of the case from its whole history and store it. Safe to repeat."""
    with changing(case) as row:
        refresh(row, spec_of(row.version), now)
    return case


def refresh(case: Case, spec: Spec, now: datetime | None = None) -> bool:
    """Recompute inside a `changing` block; the caller saves the case. True when a deadline moved."""
    now = now or timezone.now()
    readings = read_all(spec, history_of(case), now)
    moved = _store(case, readings)
    fired = set(case.escalations.values_list("step_id", "due_at")) if case.escalated else set()
    summarise(case, spec, readings, fired)
    return moved


def history_of(case: Case) -> clocks.History:
    """The case's intervals, marks and granted extensions, as the pure function wants them."""
    intervals = StateInterval.objects.filter(case=case, revoked_at=None)
    rows = intervals.values_list("state_class", "started_at", "ended_at")
    moments = [clocks.Moment(*row) for row in Mark.objects.filter(case=case, revoked_at=None).values_list("fact", "at")]
    extended = any(moment.fact == Fact.EXTENSION_DECIDED for moment in moments)
    granted = Extension.objects.filter(case=case, status=Extension.Status.GRANTED).values_list("clock", "amount")
    return clocks.History(
        intervals=tuple(clocks.Interval(*row) for row in rows.order_by("started_at", "id")),
        moments=(*beginning(case), *moments),
        grade=case.grade,
        extensions=_sum(granted) if extended else {},
    )


def beginning(case: Case) -> tuple[clocks.Moment, ...]:
    """The two moments every case has."""
    return clocks.Moment(Fact.REACHED, case.reached_at), clocks.Moment(Fact.OPENED, case.opened_at)


def _sum(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for kind, amount in pairs:
        total[kind] = total.get(kind, 0) + amount
    return total


def read_all(spec: Spec, history: clocks.History, now: datetime) -> list[tuple[int, str, clocks.Reading]]:
    """(policy id, kind, reading) of every clock that has started."""
    calendar = spec.calendar
    found = []
    for row, policy in spec.policies:
        reading = clocks.compute(policy, history, calendar, now)
        if reading is not None:
            found.append((row.pk, row.kind, reading))
    return found


def rows_for(case: Case, readings: Iterable[tuple[int, str, clocks.Reading]]) -> list[Clock]:
    """Unsaved clock rows of these readings."""
    return [
        Clock(
            case=case,
            policy_id=policy_id,
            kind=kind,
            state=reading.state,
            started_at=reading.started_at,
            due_at=reading.due_at,
            stopped_at=reading.stopped_at,
            remaining_seconds=_seconds(reading.remaining),
            breached_at=reading.breached_at,
        )
        for policy_id, kind, reading in readings
    ]


STORED = ("policy_id", "state", "started_at", "due_at", "stopped_at", "remaining_seconds", "breached_at")


def _store(case: Case, readings: list[tuple[int, str, clocks.Reading]]) -> bool:
    """Write the rows that changed. True when one did."""
    known = {clock.kind: clock for clock in Clock.objects.filter(case=case)}
    fresh, changed = [], []
    for row in rows_for(case, readings):
        old = known.pop(row.kind, None)
        if old is None:
            fresh.append(row)
        elif any(getattr(old, name) != getattr(row, name) for name in STORED):
            row.pk = old.pk
            changed.append(row)
    Clock.objects.bulk_create(fresh)
    for row in changed:
        Clock.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in STORED})
    if known:
        Clock.objects.filter(pk__in=[clock.pk for clock in known.values()]).delete()
    return bool(fresh or changed or known)


def _seconds(value: timedelta | None) -> int | None:
    return None if value is None else int(value.total_seconds())


def summarise(
    case: Case,
    spec: Spec,
    readings: Iterable[tuple[int, str, clocks.Reading]],
    fired: set[tuple[int, datetime]] = frozenset(),
) -> None:
    """Set the case's own columns from its readings: what breaches next, and when somebody must be told."""
    readings = list(readings)
    due = [(item.due_at, kind) for _, kind, item in readings if item.state in LIVE and item.stopped_at is None]
    first = min(((at, kind) for at, kind in due if at is not None), default=None)
    case.next_due_at, case.next_clock = first or (None, "")
    case.due_key = case.next_due_at or NEVER
    case.breached = any(item.state == ClockState.BREACHED for _, _, item in readings)
    case.next_check_at = min((at for at, _, _ in pending_steps(spec, due, fired)), default=None)


def pending_steps(
    spec: Spec, due: Iterable[tuple[datetime | None, str]], fired: set[tuple[int, datetime]]
) -> list[tuple[datetime, object, datetime]]:
    """(when, step, deadline) of every escalation step still to come for these running deadlines."""
    deadlines = {kind: at for at, kind in due if at is not None}
    return [
        (deadlines[step.clock] - timedelta(minutes=step.minutes_before), step, deadlines[step.clock])
        for step in spec.steps
        if step.clock in deadlines and (step.pk, deadlines[step.clock]) not in fired
    ]


def mark(case: Case, fact: str, at: datetime, source: str = "") -> Mark:
    """Write down a moment that may start or meet a clock."""
    return Mark.objects.create(case=case, fact=fact, at=at, source=source)


def revoke_marks(case: Case, source: str, now: datetime | None = None) -> int:
    """What this source seemed to have done did not happen: a bounce, an undo."""
    rows = Mark.objects.filter(case=case, source=source, revoked_at=None)
    return rows.update(revoked_at=now or timezone.now())


def enter(case: Case, spec: Spec, state: str, at: datetime, cause: str = "") -> None:
    """Close the current interval and begin the next; sets the case's state columns."""
    target = spec.states[state]
    StateInterval.objects.filter(case=case, ended_at=None, revoked_at=None).update(ended_at=at)
    StateInterval.objects.create(case=case, state=state, state_class=target.state_class, started_at=at, cause=cause)
    set_state(case, spec, state)


def set_state(case: Case, spec: Spec, state: str) -> None:
    case.state = state
    case.state_class = spec.states[state].state_class
    case.is_open = case.state_class != "closed"


def breach_summary(case: Case) -> list[Clock]:
    return list(case.clocks.filter(state=ClockState.BREACHED))


__all__ = [
    "Escalation",
    "Who",
    "enter",
    "history_of",
    "mark",
    "read_all",
    "recompute_clocks",
    "record",
    "refresh",
    "revoke_marks",
    "rows_for",
    "set_state",
    "summarise",
    "who",
]
