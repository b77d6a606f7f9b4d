"""The permission table and the roles in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from console.events import emit

from .. import permissions
from ..access import as_actor, can
from ..errors import NotAllowed
from ..models import Role, RolePermission
from ..shipped import fill_permissions
from .memberships import keeping_somebody
from .sync import sync_role

EDITABLE = {"name", "name_en", "description", "reach", "idle_minutes"}


def create_role(actor: Any, code: str, name: str, **values: Any) -> Role:
    """A role of the bank's own; it holds nothing until permissions are ticked. Raises NotAllowed."""
    _may(actor)
    with transaction.atomic():
        group, _made = Group.objects.get_or_create(name=f"role: {code}")
        role = Role.objects.create(code=code, name=name, group=group, **values)
        fill_permissions([role])
        _told(actor, role, "staff.role_created", {})
    return role


def update_role(actor: Any, role: Role, **changes: Any) -> Role:
    """Change a role's name, reach or idle time-out. Raises NotAllowed."""
    _may(actor)
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")
    fields = sorted(name for name, value in changes.items() if getattr(role, name) != value)
    if not fields:
        return role
    with transaction.atomic():
        for name in fields:
            setattr(role, name, changes[name])
        role.save(update_fields=fields)
        sync_role(role)
        _told(actor, role, "staff.role_changed", {"fields": fields, "reach": role.reach})
    return role


def set_permissions(actor: Any, role: Role, cells: Mapping[str, bool]) -> list[str]:
    """Tick or clear cells of the permission table; returns the codes that changed.

    Raises NotAllowed, UnknownPermission, or LastAdministrator when nobody could manage staff afterwards.
    """
    _may(actor)
    for code in cells:
        permissions.get(code)
    with transaction.atomic():
        known = dict(RolePermission.objects.filter(role=role).values_list("permission", "allowed"))
        changed = sorted(code for code, allowed in cells.items() if known.get(code) is not allowed)
        with keeping_somebody():
            for code in changed:
                cell = {"allowed": cells[code]}
                RolePermission.objects.update_or_create(role=role, permission=code, defaults=cell)
        if changed:
            sync_role(role)
            allowed = [code for code in changed if cells[code]]
            denied = [code for code in changed if not cells[code]]
            _told(actor, role, "staff.permissions_changed", {"allowed": allowed, "denied": denied})
    return changed


def _may(actor: Any) -> None:
    if actor is not None and not can(actor, "role.manage"):
        raise NotAllowed


def _told(actor: Any, role: Role, type_: str, data: dict[str, Any]) -> None:
    emit(
        "staff:roles",
        type_,
        {"role": role.code, **data},
        actor=as_actor(actor) if actor is not None else None,
    )
