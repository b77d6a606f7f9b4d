"""Base of admin pages whose every change is an event that names the person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from console.events import emit
from console.foundation.admin import ScopedModelAdmin

from .access import as_actor


class RecordedModelAdmin(ScopedModelAdmin):
    """Rows of configuration: added, changed or deleted, with the names of the fields, never their values."""

    event_type: str

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
        emit("configuration", self.event_type, data, actor=as_actor(request.user))
