from typing import Any

from django.http import HttpRequest

from console.foundation.admin import ScopedModelAdmin
from console.foundation.api.views import may

from ..context import Actor


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in member of staff as an actor."""
    return Actor("staff", str(request.user.pk), request.user.get_username())


class ReadOnlyAdmin(ScopedModelAdmin):
    """Pages that show and never change."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


__all__ = ["ReadOnlyAdmin", "actor_of", "may"]
