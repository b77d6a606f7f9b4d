"""Rows the ground floor keeps for everyone: numbers, work, calendars, keys, idempotency, search."""

from .calendars import BusinessCalendar, CalendarDay
from .idempotency import IdempotencyKey
from .keys import KeyRotation
from .numbers import NumberBlock
from .periodic import Periodic
from .pumps import PumpSlot
from .search import SearchDocument
from .work import WorkRow

__all__ = [
    "BusinessCalendar",
    "CalendarDay",
    "IdempotencyKey",
    "KeyRotation",
    "NumberBlock",
    "Periodic",
    "PumpSlot",
    "SearchDocument",
    "WorkRow",
]
