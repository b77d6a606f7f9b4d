"""What a supervisor may tune on the customers' pages; each change is on the record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from console.events import emit
from console.foundation.admin import ScopedModelAdmin
from console.staff.access import as_actor

from .models import PortalPolicy, UrgentMatter


class ConfigurationAdmin(ScopedModelAdmin):
    """Rows whose changes are events."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            self._tell(request, obj, "changed" if change else "added", sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self._tell(request, obj, "deleted", [])
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _tell(self, request: HttpRequest, obj: Any, what: str, fields: list[str]) -> None:
        data = {"model": obj._meta.model_name, "id": obj.pk, "what": what, "fields": fields}
        emit("configuration", "portal.configured", data, actor=as_actor(request.user))


@admin.register(UrgentMatter)
class UrgentMatterAdmin(ConfigurationAdmin):
    """What cannot wait for an answer."""

    list_display = ["title", "title_en", "phone", "order", "is_active"]
    fields = ["code", "title", "title_en", "action", "action_en", "phone", "order", "is_active"]


@admin.register(PortalPolicy)
class PortalPolicyAdmin(ConfigurationAdmin):
    """One row: how often, how big, how long."""

    list_display = ["__str__", "forms_per_hour", "codes_per_address", "idle_minutes"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not PortalPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
