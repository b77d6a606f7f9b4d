"""Working time, computed: no row is written and no clock is read here.

An instant is open when the wall clock of the calendar's zone then shows a minute inside that day's hours.
Everything follows from this one sentence, over daylight saving too: a repeated hour is open twice, a skipped
hour never. All intervals are half-open, in UTC.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .hours import Minutes, parse_hours, parse_weekly, zone_of

ZERO = timedelta(0)
DAY = timedelta(days=1)
# A calendar with no open minute for this long will not get one: better an error than an endless search.
HORIZON_DAYS = 800

Interval = tuple[datetime, datetime]


class NoWorkingTime(ValueError):
    """The calendar has no open hours within the horizon, so a working deadline cannot be placed."""


class Calendar:
    """The working hours of one place as a pure value. Build it with `load`, or directly in tests."""

    def __init__(self, zone: ZoneInfo, week: tuple[Minutes, ...], days: dict[date, Minutes] | None = None) -> None:
        self.zone = zone
        self.week = week
        self.days = days or {}
        self._known: dict[date, tuple[tuple[Interval, ...], timedelta]] = {}

    def hours_of(self, day: date) -> Minutes:
        """Wall-clock minutes of a day: what its own row says, else the weekly pattern."""
        own = self.days.get(day)
        return self.week[day.weekday()] if own is None else own

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours_of(day))

    def intervals(self, day: date) -> tuple[Interval, ...]:
        """The open intervals of a local day, in order."""
        return self._day(day)[0]

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.hours_of(local.date()))

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """Open time in [start, end); negative when end lies before start."""
        if end < start:
            return -self.working_between(end, start)
        total = ZERO
        day, last = self._around(start, -1), self._around(end, 1)
        while day <= last:
            opened, length = self._day(day)
            if opened:
                whole = start <= opened[0][0] and opened[-1][1] <= end
                total += length if whole else _overlap(opened, start, end)
            day += DAY
        return total

    def add_working(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant by which `amount` of open time has passed since start.

        A negative amount gives the latest instant from which that much open time passes until start.
        Raises NoWorkingTime for a calendar that is never open.
        """
        if amount == ZERO:
            return start.astimezone(UTC)
        return self._forward(start, amount) if amount > ZERO else self._backward(start, -amount)

    def add_working_days(self, day: date, count: int) -> date:
        """The count-th working day after (negative: before) a date; the date itself does not count."""
        step = DAY if count > 0 else -DAY
        left, idle = abs(count), 0
        while left:
            day += step
            idle += 1
            if self.is_working_day(day):
                left, idle = left - 1, 0
            elif idle > HORIZON_DAYS:
                raise NoWorkingTime("The calendar has no working days.")
        return day

    def next_open(self, at: datetime) -> datetime:
        """`at` itself when open, else the next opening. Raises NoWorkingTime."""
        for begin, end in self._from(at):
            if end > at:
                return max(begin, at.astimezone(UTC))
        raise NoWorkingTime("The calendar has no open hours.")

    def _forward(self, start: datetime, left: timedelta) -> datetime:
        for begin, end in self._from(start):
            room = end - max(begin, start)
            if room <= ZERO:
                continue
            if room >= left:
                return (max(begin, start) + left).astimezone(UTC)
            left -= room
        raise NoWorkingTime("The calendar has no open hours.")

    def _backward(self, start: datetime, left: timedelta) -> datetime:
        for begin, end in self._until(start):
            room = min(end, start) - begin
            if room <= ZERO:
                continue
            if room >= left:
                return (min(end, start) - left).astimezone(UTC)
            left -= room
        raise NoWorkingTime("The calendar has no open hours.")

    def _from(self, at: datetime) -> Iterator[Interval]:
        day, idle = self._around(at, -1), 0
        while idle <= HORIZON_DAYS:
            opened = self._day(day)[0]
            yield from opened
            day, idle = day + DAY, 0 if opened else idle + 1

    def _until(self, at: datetime) -> Iterator[Interval]:
        day, idle = self._around(at, 1), 0
        while idle <= HORIZON_DAYS:
            opened = self._day(day)[0]
            yield from reversed(opened)
            day, idle = day - DAY, 0 if opened else idle + 1

    def _around(self, at: datetime, days: int) -> date:
        """The local date of an instant, moved on: one day more than needed covers every odd zone."""
        return at.astimezone(self.zone).date() + timedelta(days=days)

    def _day(self, day: date) -> tuple[tuple[Interval, ...], timedelta]:
        known = self._known.get(day)
        if known is None:
            opened = tuple(self._open(day))
            known = self._known[day] = (opened, sum((end - begin for begin, end in opened), ZERO))
        return known

    def _open(self, day: date) -> Iterator[Interval]:
        hours = self.hours_of(day)
        if not hours:
            return
        midnight = datetime.combine(day, time(), UTC)
        for first, last, offset in self._offsets(midnight - DAY, midnight + 2 * DAY):
            for start, end in hours:
                begin = max(midnight + timedelta(minutes=start) - offset, first)
                until = min(midnight + timedelta(minutes=end) - offset, last)
                if begin < until:
                    yield begin, until

    def _offsets(self, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """The stretches of constant UTC offset between two instants; nearly always one."""
        while first < last:
            offset = self._offset(first)
            until = last if self._offset(last - timedelta(seconds=1)) == offset else self._change(first, last)
            yield first, until, offset
            first = until

    def _change(self, low: datetime, high: datetime) -> datetime:
        """The first second at which the offset is no longer what it was at `low`."""
        seconds = range(int((high - low).total_seconds()) + 1)
        offset = self._offset(low)
        at = bisect_right(seconds, False, key=lambda s: self._offset(low + timedelta(seconds=s)) != offset)
        return low + timedelta(seconds=at)

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset()


def _overlap(opened: tuple[Interval, ...], start: datetime, end: datetime) -> timedelta:
    parts = (min(until, end) - max(begin, start) for begin, until in opened)
    return sum((part for part in parts if part > ZERO), ZERO)


def add_calendar_days(start: datetime, count: int, tz: str | ZoneInfo) -> datetime:
    """The same wall-clock time `count` days later; a time that day skips moves to just after the gap."""
    zone = zone_of(tz) if isinstance(tz, str) else tz
    local = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=count)
    return local.replace(tzinfo=zone).astimezone(UTC)


def end_of_day(at: datetime, tz: str | ZoneInfo) -> datetime:
    """The instant the local day of `at` ends: a term in days that runs out at midnight."""
    zone = zone_of(tz) if isinstance(tz, str) else tz
    return datetime.combine(at.astimezone(zone).date() + DAY, time(), zone).astimezone(UTC)


def build(time_zone: str, weekly_hours: dict, days: dict[date, list | None] | None = None) -> Calendar:
    """A calendar from plain values. A day given as None is worked like an ordinary weekday, [] is closed."""
    week = parse_weekly(weekly_hours)
    ordinary = next((hours for hours in week if hours), ())
    parsed = {day: ordinary if hours is None else parse_hours(hours) for day, hours in (days or {}).items()}
    return Calendar(zone_of(time_zone), week, parsed)


_loaded: dict[int, tuple[datetime, Calendar]] = {}


def load(calendar) -> Calendar:
    """The engine of a `BusinessCalendar` row, kept until the row or one of its days changes."""
    kept = _loaded.get(calendar.pk)
    if kept and kept[0] == calendar.changed_at:
        return kept[1]
    days = {
        day.date: [] if day.kind == day.Kind.HOLIDAY and not day.hours else day.hours for day in calendar.days.all()
    }
    built = build(calendar.time_zone, calendar.weekly_hours, days)
    if calendar.pk:
        _loaded[calendar.pk] = (calendar.changed_at, built)
    return built
