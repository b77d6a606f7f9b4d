"""Fills the role and permission tables after a migration. What people changed is never touched."""

from typing import Any

from django.utils import translation

from . import catalogue, permissions


def ship_roles(using: str = "default", **kwargs: Any) -> None:
    """Make missing roles, their editor groups and missing permission cells. Safe to run any number of times."""
    from django.apps import apps

    if "apps" in kwargs and not _table_is_there(using):
        return
    Role, Group = apps.get_model("staff", "Role"), apps.get_model("auth", "Group")
    known = {role.code: role for role in Role.objects.using(using)}
    for shipped in catalogue.ROLES:
        if shipped.code not in known:
            known[shipped.code] = Role.objects.using(using).create(**_columns(shipped))
    for role in known.values():
        if role.group_id is None:
            role.group, _made = Group.objects.using(using).get_or_create(name=f"role: {role.code}")
            role.save(using=using, update_fields=["group"])
    fill_permissions(list(known.values()), using)


def _table_is_there(using: str) -> bool:
    from django.db import connections

    tables = connections[using].introspection.table_names()
    return {"staff_role", "staff_rolepermission", "auth_group"} <= set(tables)


def _columns(shipped: catalogue.ShippedRole) -> dict[str, Any]:
    with translation.override("zh-hans"):
        description = str(shipped.description)
    return {
        "code": shipped.code,
        "name": shipped.name,
        "name_en": shipped.name_en,
        "reach": shipped.reach,
        "description": description,
        "is_shipped": True,
    }


def fill_permissions(roles: list, using: str = "default") -> int:
    """Give every role a cell for every known permission, allowed as shipped. Returns how many were missing."""
    from .models import RolePermission

    cells = RolePermission.objects.using(using)
    there = set(cells.filter(role__in=roles).values_list("role_id", "permission"))
    missing = [
        RolePermission(role=role, permission=permission.code, allowed=role.code in permission.roles)
        for role in roles
        for permission in permissions.all_permissions()
        if (role.pk, permission.code) not in there
    ]
    cells.bulk_create(missing, ignore_conflicts=True)
    return len(missing)
