"""Clocks in the database: gather the history, compute, store what came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from console.foundation.rows import write_many

from .. import clocks
from ..config import Spec, spec_of
from ..models import NEVER, Case, Clock, ClockKind, ClockState, Escalation, Extension, Fact, Mark, StateInterval
from .base import Who, changing, record, who

LIVE = (ClockState.RUNNING, ClockState.BREACHED)


def recompute_clocks(case: Case, now: datetime | None = None) -> Case:
    """Compute every clock of the case from its whole history and store it. Safe to repeat."""
    with changing(case) as row:
        refresh(row, spec_of(row.version), now)
    return case


def refresh(case: Case, spec: Spec, now: datetime | None = None) -> bool:
    """Recompute inside a `changing` block; the caller saves the case. True when a deadline moved."""
    return case.pk in refresh_many([(case, spec)], now)


def refresh_many(pairs: Sequence[tuple[Case, Spec]], now: datetime | None = None) -> set[int]:
    """`refresh` for many cases with the queries of one; the ids of those with a deadline that moved."""
    now = now or timezone.now()
    histories = histories_of([case for case, _ in pairs])
    readings = {case.pk: read_all(spec, histories[case.pk], now) for case, spec in pairs}
    moved = _store([case for case, _ in pairs], readings)
    fired = _fired([case.pk for case, _ in pairs if case.escalated])
    for case, spec in pairs:
        summarise(case, spec, readings[case.pk], fired.get(case.pk, frozenset()))
    return moved


def _fired(pks: Sequence[int]) -> dict[int, set[tuple[int, datetime]]]:
    """Escalation steps already taken, with the deadline they were taken for."""
    found: dict[int, set[tuple[int, datetime]]] = {}
    rows = Escalation.objects.filter(case__in=pks).values_list("case", "step", "due_at") if pks else ()
    for pk, step_id, due_at in rows:
        found.setdefault(pk, set()).add((step_id, due_at))
    return found


def history_of(case: Case) -> clocks.History:
    """The case's intervals, marks and granted extensions, as the pure function wants them."""
    return histories_of([case])[case.pk]


def histories_of(cases: Sequence[Case]) -> dict[int, clocks.History]:
    """`history_of` for many cases."""
    pks = [case.pk for case in cases]
    intervals: dict[int, list[clocks.Interval]] = {pk: [] for pk in pks}
    moments: dict[int, list[clocks.Moment]] = {case.pk: list(beginning(case)) for case in cases}
    rows = StateInterval.objects.filter(case__in=pks, revoked_at=None).order_by("started_at", "id")
    for pk, *interval in rows.values_list("case", "state_class", "started_at", "ended_at"):
        intervals[pk].append(clocks.Interval(*interval))
    for pk, *mark in _marks(pks).values_list("case", "fact", "at"):
        moments[pk].append(clocks.Moment(*mark))
    extended = [pk for pk in pks if any(moment.fact == Fact.EXTENSION_DECIDED for moment in moments[pk])]
    granted = _granted(extended)
    return {
        case.pk: clocks.History(
            tuple(intervals[case.pk]),
            tuple(moments[case.pk]),
            case.grade,
            granted.get(case.pk, {}),
            _given(case) if case.has("forwardings") else {},
        )
        for case in cases
    }


def _marks(pks: Sequence[int]) -> QuerySet[Mark]:
    return Mark.objects.filter(case__in=pks, revoked_at=None).order_by()


def _granted(pks: Sequence[int]) -> dict[int, dict[str, int]]:
    """By how much each clock was extended."""
    found: dict[int, dict[str, int]] = {}
    rows = Extension.objects.filter(case__in=pks, status=Extension.Status.GRANTED).order_by() if pks else ()
    for row in rows:
        total = found.setdefault(row.case_id, {})
        total[row.clock] = total.get(row.clock, 0) + row.amount
    return found


def _given(case: Case) -> dict[str, datetime]:
    """The date the latest regulator wrote, where one did."""
    last = case.forwardings.order_by("-reached_at", "-id").values_list("answer_by", flat=True).first()
    return {ClockKind.REGULATOR: last} if last else {}


def beginning(case: Case) -> tuple[clocks.Moment, ...]:
    """The two moments every case has."""
    return clocks.Moment(Fact.REACHED, case.reached_at), clocks.Moment(Fact.OPENED, case.opened_at)


def read_all(spec: Spec, history: clocks.History, now: datetime) -> list[tuple[int, str, clocks.Reading]]:
    """(policy id, kind, reading) of every clock that has started."""
    calendar = spec.calendar
    found = []
    for row, policy in spec.policies:
        reading = clocks.compute(policy, history, calendar, now)
        if reading is not None:
            found.append((row.pk, row.kind, reading))
    return found


# What is stored of a reading, beside the case and the kind of clock.
STORED = ("policy_id", "state", "started_at", "due_at", "stopped_at", "remaining_seconds", "breached_at")


def rows_for(case: Case, readings: Iterable[tuple[int, str, clocks.Reading]]) -> list[Clock]:
    """Unsaved clock rows of these readings."""
    return [
        Clock(case=case, kind=kind, **dict(zip(STORED, _stored(policy_id, reading), strict=True)))
        for policy_id, kind, reading in readings
    ]


def _stored(policy_id: int, reading: clocks.Reading) -> tuple[Any, ...]:
    return (
        policy_id,
        reading.state,
        reading.started_at,
        reading.due_at,
        reading.stopped_at,
        _seconds(reading.remaining),
        reading.breached_at,
    )


def _store(cases: Sequence[Case], readings: dict[int, list[tuple[int, str, clocks.Reading]]]) -> set[int]:
    """Write the rows that changed; the ids of the cases they belong to."""
    rows = Clock.objects.filter(case__in=readings).order_by()
    known = {
        (pk, kind): (clock_id, old) for pk, kind, clock_id, *old in rows.values_list("case", "kind", "pk", *STORED)
    }
    fresh: list[Clock] = []
    changed: list[Clock] = []
    for case in cases:
        for reading in readings[case.pk]:
            policy_id, kind, read = reading
            clock_id, old = known.pop((case.pk, kind), (None, None))
            if old is None or tuple(old) != _stored(policy_id, read):
                [row] = rows_for(case, [reading])
                row.pk = clock_id
                (fresh if old is None else changed).append(row)
    if fresh:
        Clock.objects.bulk_create(fresh)
    write_many(changed, STORED)
    if known:
        Clock.objects.filter(pk__in=[clock_id for clock_id, _ in known.values()]).delete()
    return {row.case_id for row in (*fresh, *changed)} | {pk for pk, _ in known}


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
    "histories_of",
    "history_of",
    "mark",
    "read_all",
    "recompute_clocks",
    "record",
    "refresh",
    "refresh_many",
    "revoke_marks",
    "rows_for",
    "set_state",
    "summarise",
    "who",
]
