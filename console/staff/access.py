"""May this user do that, and to which rows? One answer for views, admin, API, rules and jobs.

A user's access is computed from memberships and permission rows once per `access_version` and kept in the
cache; the version travels with the user row, so a change counts at the next request in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from . import permissions
from .scopes import Reach, Scope, fields_of, is_hidden

if TYPE_CHECKING:
    from console.events import Actor

    from .models import User

CACHE_SECONDS = 600


@dataclass(frozen=True)
class Grant:
    """One membership, as access sees it."""

    role: str
    reach: str
    site_id: int | None
    team_id: int | None
    until: date | None
    permissions: frozenset[str]
    idle_minutes: int | None = None

    def holds(self, permission: str | None, today: date) -> bool:
        in_time = self.until is None or self.until >= today
        return in_time and (permission is None or permission in self.permissions)


@dataclass(frozen=True)
class Access:
    """Everything somebody may do."""

    user_id: int
    grants: tuple[Grant, ...]

    def current(self, permission: str | None = None) -> list[Grant]:
        today = timezone.localdate()
        return [grant for grant in self.grants if grant.holds(permission, today)]

    def permissions(self) -> frozenset[str]:
        return frozenset().union(*(grant.permissions for grant in self.current()))

    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.current())


def _load(user: User) -> Access:
    from .models import Membership, RolePermission

    rows = list(
        Membership.objects.filter(user_id=user.pk).values_list(
            "role_id", "role__code", "role__reach", "team__site_id", "team_id", "until", "role__idle_minutes"
        )
    )
    held: dict[int, set[str]] = {}
    cells = RolePermission.objects.filter(role_id__in={row[0] for row in rows}, allowed=True)
    for role_id, code in cells.values_list("role_id", "permission"):
        held.setdefault(role_id, set()).add(code)
    return Access(
        user.pk,
        tuple(
            Grant(
                role,
                reach,
                site_id or user.site_id,
                team_id,
                until,
                frozenset(held.get(role_id, ())),
                idle,
            )
            for role_id, role, reach, site_id, team_id, until, idle in rows
        ),
    )


def access_of(user: User) -> Access:
    """The access of a saved user: from the instance, else the cache, else two queries."""
    known = user.__dict__.get("_access")
    if known is not None and known[0] == user.access_version:
        return known[1]
    key = f"staff.access:{user.pk}:{user.access_version}"
    access = cache.get(key)
    if access is None:
        access = _load(user)
        cache.set(key, access, CACHE_SECONDS)
    user.__dict__["_access"] = (user.access_version, access)
    return access


def is_known(user: Any) -> bool:
    """Whether this is an active, saved member of staff (customers and visitors are not)."""
    return bool(
        getattr(user, "is_authenticated", False) and getattr(user, "is_active", False) and getattr(user, "pk", None)
    )


def may_act(user: Any) -> bool:
    """Whether somebody may come in by any door at all: active, not gone, no demo sign-in outside the demo."""
    return bool(user.is_active and user.left_at is None and (settings.HUIYIN_DEMO or not user.is_demo))


def permissions_of(user: Any) -> frozenset[str]:
    """Codes of all permissions somebody holds."""
    if not is_known(user):
        return frozenset()
    if user.is_superuser:
        return frozenset(item.code for item in permissions.all_permissions() if item.by_rank)
    return access_of(user).permissions()


def roles_of(user: Any) -> frozenset[str]:
    """Codes of the roles somebody holds today."""
    return access_of(user).roles() if is_known(user) else frozenset()


def scope_of(user: Any, permission: str | None = None) -> Scope:
    """The rows somebody may see: by all their roles, or only by those that hold `permission`."""
    if permission is not None:
        permissions.get(permission)
    if not is_known(user):
        return Scope()
    if user.is_superuser:
        return Scope(user.pk, own=True, everything=True)
    grants = access_of(user).current(permission)
    reach_site = [grant for grant in grants if grant.reach == Reach.SITE]
    reach_team = [grant for grant in grants if grant.reach in (Reach.TEAM, Reach.SITE)]
    return Scope(
        user_id=user.pk,
        sites=frozenset(grant.site_id for grant in reach_site if grant.site_id),
        teams=frozenset(grant.team_id for grant in reach_team if grant.team_id),
        own=bool(grants),
        everything=any(grant.reach == Reach.EVERYTHING for grant in grants),
    )


def can(user: Any, permission: str, obj: Any = None) -> bool:
    """Whether somebody holds a permission, and (with `obj`) whether it reaches that object.

    An object may close itself to somebody, whatever their rank, with `is_closed_to(user, permission)`.

    Raises UnknownPermission for a code nobody registered.
    """
    permissions.get(permission)
    if not is_known(user):
        return False
    closed = getattr(obj, "is_closed_to", None)
    if closed(user, permission) if closed is not None else is_hidden(obj, user):
        return False
    if user.is_superuser:
        return permissions.get(permission).by_rank
    scope = scope_of(user, permission)
    return not scope.nothing if obj is None else reaches(scope, obj, user)


def reaches(scope: Scope, obj: Any, user: Any) -> bool:
    """`visible_to` for one object in memory; an object may add its own reason with `is_open_to(user)`."""
    if scope.everything:
        return True
    if scope.nothing:
        return False
    fields = fields_of(type(obj))
    site = _at(obj, fields.site) if fields.site else None
    team = _at(obj, fields.team) if fields.team else None
    if (site and site in scope.sites) or (team and team in scope.teams):
        return True
    if scope.own and any(_at(obj, owner) == scope.user_id for owner in fields.owners):
        return True
    if fields.shared_without_site and fields.site and site is None:
        return True
    opened = getattr(obj, "is_open_to", None)
    return bool(opened and opened(user))


def _at(obj: Any, path: str) -> Any:
    """Primary key at the end of a path of foreign keys; a to-many relation cannot be asked in memory."""
    if path == "self":
        return obj.pk
    *steps, last = path.split("__")
    for step in steps:
        obj = getattr(obj, step, None)
        if obj is None or not hasattr(obj, "pk"):
            return None
    return getattr(obj, f"{last}_id", None)


@lru_cache(maxsize=1)
def _all_doors() -> frozenset[str]:
    """Every Django model permission of the installed apps, without asking the database."""
    doors = {"wagtailadmin.access_admin"}
    for model in apps.get_models():
        meta = model._meta
        doors |= {f"{meta.app_label}.{action}_{meta.model_name}" for action in meta.default_permissions}
        doors |= {f"{meta.app_label}.{codename}" for codename, _name in meta.permissions}
    return frozenset(doors)


@lru_cache(maxsize=256)
def doors_of(codes: frozenset[str]) -> frozenset[str]:
    """The Django model permissions that a set of our permissions opens."""
    from fnmatch import filter as matching

    patterns = {pattern for code in codes for pattern in permissions.doors(code)}
    if "*" in patterns:
        return _all_doors()
    every = sorted(_all_doors())
    return frozenset(door for pattern in patterns for door in matching(every, pattern))


def as_actor(user: Any) -> Actor:
    """Who acts, for the record of events. A visitor becomes the system's unknown."""
    from console.events import Actor

    if not getattr(user, "pk", None):
        return Actor(kind="system", id="", label="unknown")
    return Actor(kind="staff", id=str(user.pk), label=user.get_username())
