"""What every room's API stands on: scoped viewsets, cursor pages, problem+json, idempotency keys."""

from .idempotency import Idempotent
from .pages import CursorPagination
from .problems import problem_handler, register_problem
from .views import ScopedReadOnlyViewSet, ScopedViewSet, StaffPermission

__all__ = [
    "CursorPagination",
    "Idempotent",
    "ScopedReadOnlyViewSet",
    "ScopedViewSet",
    "StaffPermission",
    "problem_handler",
    "register_problem",
]
