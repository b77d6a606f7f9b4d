"""Value types, the operators each allows, and how a value written in JSON becomes a typed one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

MAX_TEXT = 200
MAX_LIST = 200
DIGITS, DECIMALS = 15, 4
_EQUAL = ("eq", "ne", "in", "not_in")
_ORDER = ("gt", "gte", "lt", "lte", "between")
_THERE = ("empty", "not_empty")
_NEAR = ("within_last", "within_next")

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": (*_EQUAL, "contains", "starts", *_THERE),
    "long_text": ("contains", *_THERE),
    "choice": (*_EQUAL, *_THERE),
    "multi_choice": ("contains", "in", "not_in", *_THERE),
    "number": (*_EQUAL, *_ORDER, *_THERE),
    "date": ("eq", "ne", *_ORDER, *_NEAR, *_THERE),
    "datetime": (*_ORDER, *_NEAR, *_THERE),
    "boolean": ("eq", "ne", *_THERE),
    "user": (*_EQUAL, *_THERE),
    "team": (*_EQUAL, *_THERE),
    "ref": (*_EQUAL, *_THERE),
    "encrypted": ("eq", "in", "empty"),
}
TYPES = tuple(OPERATORS)
WITHOUT_VALUE = _THERE
WITH_LIST = ("in", "not_in")
WITH_DURATION = _NEAR
PLACEHOLDERS = {"user": ("@me",), "team": ("@my_team",), "date": ("@today",), "datetime": ("@now",)}
HASHED = "hash:"


class BadValue(ValueError):
    """The value does not fit; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Placeholder:
    """A value known only when the tree is read."""

    name: str


_DURATION = re.compile(r"([1-9][0-9]{0,4})(m|h|d|w)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_duration(value: Any, type: str) -> timedelta:
    """`30m`, `2h`, `7d`, `4w`. Raises BadValue."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise BadValue(_("Write a duration like 30m, 2h, 7d or 4w."))
    count, unit = found.groups()
    if type == "date" and unit in "mh":
        raise BadValue(_("A date without a time counts in days (7d) or weeks (4w)."))
    return int(count) * _UNITS[unit]


def parse_value(value: Any, type: str) -> Any:
    """One value as its Python type, or a Placeholder. Raises BadValue."""
    if isinstance(value, str) and value in PLACEHOLDERS.get(type, ()):
        return Placeholder(value)
    return _PARSERS[type](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadValue(_("Write some text here."))
    if len(value) > MAX_TEXT:
        raise BadValue(_("At most %(max)s characters.") % {"max": MAX_TEXT})
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadValue(_("The text holds characters that cannot be stored."))
    return value


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise BadValue(_("Write a number here."))
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise BadValue(_("Write a number here.")) from None
    return checked_number(number)


def checked_number(number: Decimal) -> Decimal:
    """A number both databases hold exactly. Raises BadValue when it has too many digits."""
    if not number.is_finite() or abs(number) >= Decimal(10) ** (DIGITS - DECIMALS):
        raise BadValue(_("This number is too large."))
    if number != number.quantize(Decimal(1).scaleb(-DECIMALS)):
        raise BadValue(_("At most %(max)s decimal places.") % {"max": DECIMALS})
    return number.normalize() + 0


def _date(value: Any) -> date:
    try:
        found = parse_date(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise BadValue(_("Write a date like 2026-11-22."))
    return found


def _datetime(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        if found is not None and timezone.is_naive(found):
            found = timezone.make_aware(found)
        return found.astimezone(UTC) if found is not None else _no_moment()
    except (ValueError, OverflowError):
        return _no_moment()


def _no_moment() -> datetime:
    raise BadValue(_("Write a date and time like 2026-11-22 14:05."))


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue(_("Choose yes or no."))
    return value


def _key(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isascii():
        raise BadValue(_("Choose one of the list."))
    if not str(value).isdigit() or int(value) >= 2**63:
        raise BadValue(_("Choose one of the list."))
    return int(value)


_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "choice": _text,
    "multi_choice": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "boolean": _boolean,
    "user": _key,
    "team": _key,
    "ref": _key,
    "encrypted": _text,
}


def to_json(value: Any) -> Any:
    """The normal written form of a parsed value."""
    if isinstance(value, Placeholder):
        return value.name
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def fold(text: str) -> str:
    """ASCII capitals made small, nothing else: the one case folding all three readers share."""
    return text.translate(_FOLD)


_FOLD = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
