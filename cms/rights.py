"""What a role's knowledge permissions mean in Wagtail: rights of its group on all pages, pictures and documents.

Wagtail asks rows of its own for every page and collection; these rows follow the permission table of the hub.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connections, models, transaction
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from console.staff.models import Role, RolePermission

EDIT, PUBLISH = "knowledge.edit", "knowledge.publish"
ON_PAGES = {EDIT: ("add", "change", "lock"), PUBLISH: ("publish", "unlock", "bulk_delete")}
ON_FILES = {EDIT: ("add", "change", "choose"), PUBLISH: ()}


def after_migrate(using: str = "default", **kwargs: Any) -> None:
    """Signal receiver: rights of the roles as shipped. Safe to run any number of times."""
    needed = {model._meta.db_table for model in (GroupPagePermission, GroupCollectionPermission, RolePermission)}
    if needed <= set(connections[using].introspection.table_names()):
        sync_rights()


@transaction.atomic
def sync_rights() -> None:
    """Give the group of every role exactly the rights its knowledge permissions stand for."""
    root, shelf = Page.get_first_root_node(), Collection.get_first_root_node()
    if root is None or shelf is None:
        # A flushed database: the tree comes with the next load.
        return
    cells = RolePermission.objects.filter(permission__in=ON_PAGES, allowed=True)
    held = set(cells.values_list("role__group_id", "permission"))
    for group_id in Role.objects.exclude(group=None).values_list("group_id", flat=True):
        codes = [code for code in ON_PAGES if (group_id, code) in held]
        pages = [_right(Page, name) for code in codes for name in ON_PAGES[code]]
        files = [_right(model, name) for code in codes for name in ON_FILES[code] for model in (Image, Document)]
        _keep(GroupPagePermission, group_id, pages, page=root)
        _keep(GroupCollectionPermission, group_id, files, collection=shelf)


def _right(model: type[models.Model], name: str) -> Permission:
    kind = ContentType.objects.get_for_model(model)
    codename = f"{name}_{model._meta.model_name}"
    return Permission.objects.get_or_create(content_type=kind, codename=codename, defaults={"name": f"Can {name}"})[0]


def _keep(table: Any, group_id: int, rights: list[Permission], **place: Any) -> None:
    """Rows of one group at one place: these and no others."""
    rows = table.objects.filter(group_id=group_id, **place)
    rows.exclude(permission__in=rights).delete()
    there = set(rows.values_list("permission_id", flat=True))
    group = Group(pk=group_id)
    for right in rights:
        if right.pk not in there:
            table.objects.create(group=group, permission=right, **place)
