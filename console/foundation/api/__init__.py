"""What every room's API stands on: scoped viewsets, cursor pages, problem+json, idempotency keys."""

from .idempotency import Idempotent
from .incoming import CleanJSONParser, MomentFilter
from .pages import CursorPagination
from .problems import problem_handler, register_problem
from .views import ScopedReadOnlyViewSet, ScopedViewSet, StaffPermission

__all__ = [
    "CleanJSONParser",
    "CursorPagination",
    "Idempotent",
    "MomentFilter",
    "ScopedReadOnlyViewSet",
    "ScopedViewSet",
    "StaffPermission",
    "problem_handler",
    "register_problem",
]
