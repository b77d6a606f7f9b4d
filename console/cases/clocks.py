"""Deadlines as a pure function: state intervals, marks, policy and calendar in, a reading out.

Nothing is accumulated: pausing, reopening, a new grade, an extension or a corrected calendar change the input,
and the whole reading is computed again. No database here; `services.clocks` stores what this returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from console.foundation.calendars.engine import add_calendar_days

CALENDAR_DAYS, ELAPSED, WORKING = "calendar_days", "elapsed", "working_time"
RUNNING, PAUSED, MET, BREACHED, CANCELLED = "running", "paused", "met", "breached", "cancelled"
ZERO = timedelta(0)
# Clocks that wait for somebody to hear something, closed or not, and what there must be to hear.
HEARD = {"told": "decided", "acceptance_told": "refused", "regulator_answered": "forwarded"}
UTC_ZONE = ZoneInfo("UTC")


class WorkingCalendar(Protocol):
    """What a clock asks of a business calendar (console.foundation.calendars.engine provides it)."""

    zone: ZoneInfo

    def add_working(self, start: datetime, amount: timedelta) -> datetime: ...

    def working_between(self, start: datetime, end: datetime) -> timedelta: ...


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch in one state class; the last one of a case has no end."""

    state_class: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened and may start or meet a clock (models.Fact)."""

    fact: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """How long, counted how, from when, until what. `amount` is days or minutes, as the basis says."""

    kind: str
    basis: str
    amount: int
    starts: str = "reached"
    met_by: str = "responded"
    pauses: frozenset[str] = frozenset()
    restarts: bool = True
    recurring: bool = False
    by_grade: tuple[tuple[int, int], ...] = ()

    def amount_for(self, grade: int | None) -> int:
        return dict(self.by_grade).get(grade, self.amount) if grade is not None else self.amount


@dataclass(frozen=True, slots=True)
class History:
    """Everything a reading depends on, apart from policy and calendar."""

    intervals: tuple[Interval, ...]
    moments: tuple[Moment, ...]
    grade: int | None = None
    extensions: dict[str, int] = field(default_factory=dict)
    given: dict[str, datetime] = field(default_factory=dict)  # a date that somebody outside set, by kind


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of one clock at one instant."""

    state: str
    started_at: datetime
    due_at: datetime | None = None
    stopped_at: datetime | None = None
    remaining: timedelta | None = None
    breached_at: datetime | None = None


def compute(policy: Policy, history: History, calendar: WorkingCalendar | None, now: datetime) -> Reading | None:
    """The clock's state at `now`; None while nothing has started it. `calendar` is needed for working time."""
    begin = _begin(policy, history.moments)
    if begin is None:
        return None
    met_at = _met_at(policy, history.moments, begin)
    ended_at = None if met_at else _ended_at(policy, history, begin)
    stop = met_at or ended_at
    given = history.given.get(policy.kind)
    if given is not None:
        return _reading(begin, max(given, begin), ZERO, met_at, ended_at, now)
    budget = _budget(policy, history, calendar, begin)
    due, remaining = _due(policy, history.intervals, calendar, begin, stop, budget)
    return _reading(begin, due, remaining, met_at, ended_at, now)


def _begin(policy: Policy, moments: Iterable[Moment]) -> datetime | None:
    starts = {policy.starts}
    if policy.restarts:
        starts.add("reopened")
    if policy.recurring:
        starts.add(policy.met_by)
    begins = [moment.at for moment in moments if moment.fact in starts]
    if not any(moment.fact == policy.starts for moment in moments):
        return None
    return max(begins)


def _meets(policy: Policy) -> set[str]:
    # A recorded reason for not telling stands in for the telling.
    return {policy.met_by, "excused"} if policy.met_by in ("told", "acceptance_told") else {policy.met_by}


def _met_at(policy: Policy, moments: Iterable[Moment], begin: datetime) -> datetime | None:
    if policy.recurring:
        return None
    facts = _meets(policy)
    return min((moment.at for moment in moments if moment.fact in facts and moment.at >= begin), default=None)


def _ended_at(policy: Policy, history: History, begin: datetime) -> datetime | None:
    """When closing made the clock pointless. A decided case keeps the clock that waits for the customer to hear."""
    last = history.intervals[-1] if history.intervals else None
    if last is None or last.state_class != "closed":
        return None
    decided = HEARD.get(policy.met_by)
    if decided and any(item.fact == decided and item.at >= begin for item in history.moments):
        return None
    return max(last.start, begin)


def _budget(policy: Policy, history: History, calendar: WorkingCalendar | None, begin: datetime) -> timedelta:
    amount = policy.amount_for(history.grade) + history.extensions.get(policy.kind, 0)
    if policy.basis == CALENDAR_DAYS:
        return add_calendar_days(begin, amount, calendar.zone if calendar else UTC_ZONE) - begin
    return timedelta(minutes=amount)


def _running(
    policy: Policy, intervals: Iterable[Interval], begin: datetime, stop: datetime | None
) -> Iterator[tuple[datetime, datetime | None]]:
    """The stretches in which the clock ran; the last has no end when it runs on. `stop` freezes the state."""
    for interval in intervals:
        if interval.end is not None and interval.end <= begin:
            continue
        if stop is not None and interval.start > stop:
            return
        if interval.state_class in policy.pauses:
            continue
        frozen = interval.end is None or (stop is not None and interval.end > stop)
        yield max(interval.start, begin), None if frozen else interval.end


def _due(
    policy: Policy,
    intervals: Iterable[Interval],
    calendar: WorkingCalendar | None,
    begin: datetime,
    stop: datetime | None,
    budget: timedelta,
) -> tuple[datetime | None, timedelta]:
    """When the budget is used up, and what is left of it; no due date while the clock stands still."""
    left = budget
    working = calendar if policy.basis == WORKING else None
    for start, end in _running(policy, intervals, begin, stop):
        if end is None:
            return _add(working, start, left), left
        used = working.working_between(start, end) if working else end - start
        if used >= left:
            return _add(working, start, left), ZERO
        left -= used
    return None, left


def _add(calendar: WorkingCalendar | None, start: datetime, amount: timedelta) -> datetime:
    return calendar.add_working(start, amount) if calendar else start + amount


def _reading(
    begin: datetime,
    due: datetime | None,
    remaining: timedelta,
    met_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
) -> Reading:
    stop = met_at or ended_at
    if stop is not None:
        late = due is not None and due < stop
        state = BREACHED if late else MET if met_at else CANCELLED
        return Reading(state, begin, due, stop, breached_at=due if late else None)
    if due is None:
        return Reading(PAUSED, begin, remaining=remaining)
    late = due < now
    return Reading(BREACHED if late else RUNNING, begin, due, breached_at=due if late else None)
