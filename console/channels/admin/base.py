"""What the pages of this room share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from unfold.decorators import display

from console.events import Actor
from console.foundation.admin import ScopedModelAdmin
from console.staff.access import as_actor, can

TONES = {
    "active": "success",
    "parsed": "success",
    "sent": "success",
    "delivered": "success",
    "read": "success",
    "clean": "success",
    "pending": "info",
    "fetching": "info",
    "gone": "warning",
    "queued": "info",
    "sending": "info",
    "degraded": "warning",
    "paused": "warning",
    "held": "warning",
    "unknown": "warning",
    "unverified": "warning",
    "auth_failed": "danger",
    "error": "danger",
    "quarantined": "danger",
    "failed": "danger",
    "infected": "danger",
}


def actor_of(request: HttpRequest) -> Actor:
    return as_actor(request.user)


def require(request: HttpRequest, permission: str, obj: Any = None) -> None:
    """Stop a request of somebody without the permission."""
    if not can(request.user, permission, obj):
        raise PermissionDenied


class ReadOnlyAdmin(ScopedModelAdmin):
    """Rows the house writes: shown, never typed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


__all__ = ["TONES", "ReadOnlyAdmin", "ScopedModelAdmin", "actor_of", "display", "require"]
