from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from unfold.decorators import action

from console.foundation.admin import ScopedModelAdmin

from .. import catalogue, permissions, services
from ..access import can
from ..errors import StaffRefusal
from ..models import Role, RolePermission


@admin.register(Role)
class RoleAdmin(ScopedModelAdmin):
    """Roles and, for all of them at once, the permission table."""

    list_display = ["label", "code", "reach", "idle_minutes", "description"]
    search_fields = ["code", "name", "name_en"]
    fields = ["name", "name_en", "code", "description", "reach", "idle_minutes"]
    actions_list = ["open_table"]

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> list[str]:
        return ["code"] if obj else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "role.manage")

    def has_change_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return can(request.user, "role.manage")

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Role, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in ("code", "name")}
        if change:
            stored = Role.objects.get(pk=obj.pk)
            services.update_role(request.user, stored, name=obj.name, **values)
            return
        made = services.create_role(request.user, obj.code, obj.name, **values)
        obj.pk, obj._state.adding = made.pk, False

    @action(description=_("Permission table"), icon="table", url_path="table-link", permissions=["view"])
    def open_table(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:staff_permission_table")

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.table)
        return [path("table/", view, name="staff_permission_table"), *super().get_urls()]

    def table(self, request: HttpRequest) -> HttpResponse:
        """All roles against all permissions; a tick is one cell."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        roles = list(Role.objects.all())
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            try:
                self._save_table(request, roles)
            except StaffRefusal as refusal:
                messages.error(request, refusal.text)
            return redirect(reverse("admin:staff_permission_table"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Permission table"),
            "opts": self.model._meta,
            "roles": roles,
            "groups": list(_groups(roles)),
            "may_change": self.has_change_permission(request),
        }
        return TemplateResponse(request, "staff/permission_table.html", context)

    @staticmethod
    def _save_table(request: HttpRequest, roles: list[Role]) -> None:
        ticked = set(request.POST.getlist("cell"))
        codes = [permission.code for permission in permissions.all_permissions()]
        changed = 0
        with transaction.atomic():
            for role in roles:
                cells = {code: f"{role.code}:{code}" in ticked for code in codes}
                changed += len(services.set_permissions(request.user, role, cells))
        messages.success(request, _("Changed %(count)d cells.") % {"count": changed})


def _groups(roles: list[Role]) -> Iterator[dict[str, Any]]:
    """Permissions by group, each with one cell for each role."""
    allowed = set(RolePermission.objects.filter(allowed=True).values_list("role_id", "permission"))
    by_group: dict[str, list[dict[str, Any]]] = {}
    for permission in permissions.all_permissions():
        cells = [
            {"role": role, "id": f"{role.code}:{permission.code}", "on": (role.pk, permission.code) in allowed}
            for role in roles
        ]
        by_group.setdefault(permission.group, []).append({"permission": permission, "cells": cells})
    for name, rows in by_group.items():
        yield {"name": catalogue.GROUPS.get(name, name), "rows": rows}
