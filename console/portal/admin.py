"""What a supervisor may tune on the customers' pages; each change is on the record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from console.staff.recorded import RecordedModelAdmin

from .models import PortalPolicy, UrgentMatter


class ConfigurationAdmin(RecordedModelAdmin):
    """Rows whose changes are events."""

    event_type = "portal.configured"


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
