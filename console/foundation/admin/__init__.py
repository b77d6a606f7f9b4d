"""The base every admin of the hub stands on, third parties' too; and this room's own pages."""

from .base import ScopedInlineMixin, ScopedModelAdmin, ScopedStackedInline, ScopedTabularInline
from .paginator import CappedPaginator

__all__ = [
    "CappedPaginator",
    "ScopedInlineMixin",
    "ScopedModelAdmin",
    "ScopedStackedInline",
    "ScopedTabularInline",
]

from . import calendars  # noqa: F401  registers the calendar pages; they need the base above
