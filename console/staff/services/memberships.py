"""Who holds which role where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from console.events import emit

from ..access import as_actor, can
from ..errors import LastAdministrator, NotAllowed, NotYourself
from ..models import Membership, Role, RolePermission, Team, User
from .sync import sync_access

KEEPER = "staff.manage"


def assign(actor: Any, user: User, role: Role | str, team: Team | None = None, until: date | None = None) -> Membership:
    """Give somebody a role. `actor` None for set-up commands. Raises NotAllowed, NotYourself."""
    role = role if isinstance(role, Role) else Role.objects.get(code=role)
    _check(actor, user)
    with transaction.atomic():
        membership, made = Membership.objects.update_or_create(
            user=user, role=role, team=team, defaults={"until": until}
        )
        sync_access([user.pk])
        if made:
            _told(user, actor, added=[_name(role, team)], removed=[])
    _refresh(user)
    return membership


def unassign(actor: Any, membership: Membership) -> None:
    """Take a role away. Raises NotAllowed, NotYourself, LastAdministrator."""
    user = membership.user
    _check(actor, user)
    with transaction.atomic():
        name = _name(membership.role, membership.team)
        with keeping_somebody():
            membership.delete()
        sync_access([user.pk])
        _told(user, actor, added=[], removed=[name])
    _refresh(user)


def set_memberships(actor: Any, user: User, wanted: Iterable[tuple[Role, Team | None, date | None]]) -> None:
    """Make these the roles of somebody, exactly. Raises NotAllowed, NotYourself, LastAdministrator."""
    rows = {(role.pk, team.pk if team else None): (role, team, until) for role, team, until in wanted}
    with transaction.atomic():
        known = {
            (row.role_id, row.team_id): row
            for row in user.memberships.select_related("role", "team").select_for_update(of=("self",))
        }
        added = [rows[key] for key in rows.keys() - known.keys()]
        gone = [known[key] for key in known.keys() - rows.keys()]
        moved = [(known[key], rows[key][2]) for key in rows.keys() & known.keys()]
        changed = [(row, until) for row, until in moved if row.until != until]
        if not (added or gone or changed):
            return
        _check(actor, user)
        with keeping_somebody():
            Membership.objects.filter(pk__in=[row.pk for row in gone]).delete()
            _add(user, added)
        for row, until in changed:
            row.until = until
            row.save(update_fields=["until"])
        sync_access([user.pk])
        _told(
            user,
            actor,
            added=sorted(_name(role, team) for role, team, _until in added),
            removed=sorted(_name(row.role, row.team) for row in gone),
        )
    _refresh(user)


@contextmanager
def keeping_somebody() -> Iterator[None]:
    """A change inside may not take the last person who can manage staff. Raises LastAdministrator."""
    before = _somebody_keeps()
    yield
    if before and not _somebody_keeps():
        raise LastAdministrator


def _somebody_keeps() -> bool:
    roles = RolePermission.objects.filter(permission=KEEPER, allowed=True).values("role_id")
    people = User.objects.filter(is_active=True, left_at=None)
    return people.filter(Q(is_superuser=True) | Q(memberships__role__in=roles)).exists()


def _add(user: User, rows: Iterable[tuple[Role, Team | None, date | None]]) -> None:
    for role, team, until in rows:
        Membership.objects.create(user=user, role=role, team=team, until=until)


def _check(actor: Any, user: User) -> None:
    if actor is None:
        return
    if not can(actor, "staff.manage", user):
        raise NotAllowed
    if actor.pk == user.pk and not actor.is_superuser:
        raise NotYourself


def _name(role: Role, team: Team | None) -> str:
    return f"{role.code}@{team.code}" if team else role.code


def _told(user: User, actor: Any, *, added: list[str], removed: list[str]) -> None:
    emit(
        f"staff:{user.pk}",
        "staff.roles_changed",
        {"user_id": user.pk, "added": added, "removed": removed},
        actor=as_actor(actor) if actor is not None else None,
    )


def _refresh(user: User) -> None:
    """The instance in hand must not answer from what it knew before."""
    user.__dict__.pop("_access", None)
    user.refresh_from_db(fields=["access_version", "is_staff"])
