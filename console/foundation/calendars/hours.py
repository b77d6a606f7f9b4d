"""The shape of working hours: parsing and refusing, with nothing stored and nothing computed.

A day's hours are pairs of wall-clock times, [["09:00", "12:00"], ["13:00", "18:00"]], half-open, in order,
not overlapping; "24:00" ends the day. A week is {"mon": hours, …}; a missing day is closed.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
_TIME = re.compile(r"(\d\d):(\d\d)\Z")

Minutes = tuple[tuple[int, int], ...]


class HoursError(ValueError):
    """Hours, week or zone that cannot be used; `message` is for the person who typed it."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name. Raises HoursError for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise HoursError(_("This time zone is not known.")) from error


def _minute(text: Any) -> int:
    match = _TIME.match(text) if isinstance(text, str) else None
    if not match:
        raise HoursError(_("Write times as HH:MM, for example 09:00."))
    minute = int(match[1]) * 60 + int(match[2])
    if int(match[2]) > 59 or minute > MINUTES_A_DAY:
        raise HoursError(_("Write times as HH:MM, for example 09:00."))
    return minute


def parse_hours(hours: Sequence) -> Minutes:
    """Minutes since midnight of a day's hours. Raises HoursError with what is wrong."""
    if not isinstance(hours, list | tuple):
        raise HoursError(_("Hours are a list of pairs: from, until."))
    pairs: list[tuple[int, int]] = []
    for pair in hours:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise HoursError(_("Hours are a list of pairs: from, until."))
        start, end = _minute(pair[0]), _minute(pair[1])
        if start >= end:
            raise HoursError(_("Each period must end after it begins."))
        if pairs and start < pairs[-1][1]:
            raise HoursError(_("Periods must be in order and must not overlap."))
        pairs.append((start, end))
    return tuple(pairs)


def parse_weekly(week: Mapping) -> tuple[Minutes, ...]:
    """The seven days of a weekly pattern, Monday first. Raises HoursError with what is wrong."""
    if not isinstance(week, Mapping):
        raise HoursError(_("Weekly hours are given by day: mon, tue, wed, thu, fri, sat, sun."))
    unknown = set(week) - set(DAYS)
    if unknown:
        raise HoursError(_("Weekly hours are given by day: mon, tue, wed, thu, fri, sat, sun."))
    return tuple(parse_hours(week.get(day, [])) for day in DAYS)
