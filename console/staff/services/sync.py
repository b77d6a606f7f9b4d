"""Keeps what is derived from memberships in step: hub access, editor groups, the access stamp."""

from __future__ import annotations

from collections.abc import Iterable

from ..access import _load
from ..models import Role, User
from ..models.user import new_stamp


def sync_access(user_ids: Iterable[int]) -> None:
    """Recompute is_staff and groups of these users and make every process forget their cached access.

    Called by each service that changes memberships, roles or permissions, inside its transaction.
    """
    ids = sorted(set(user_ids))
    User.objects.filter(pk__in=ids).update(access_version=new_stamp())
    groups = dict(Role.objects.exclude(group=None).values_list("code", "group_id"))
    for user in User.objects.filter(pk__in=ids):
        access = _load(user)
        may_enter = user.is_superuser or "hub.use" in access.permissions()
        if user.is_staff != may_enter:
            User.objects.filter(pk=user.pk).update(is_staff=may_enter)
        wanted = {groups[code] for code in access.roles() if code in groups}
        others = set(user.groups.values_list("pk", flat=True)) - set(groups.values())
        user.groups.set(wanted | others)


def sync_role(role: Role) -> None:
    """The same for everybody who holds a role."""
    sync_access(role.memberships.values_list("user_id", flat=True))
