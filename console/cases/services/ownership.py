"""Who has it: owner, team, site. Handing a case on never touches its clocks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from console.staff.access import can

from .. import search
from ..models import Case
from .base import CaseError, Who, changing, demand, record, who
from .recusal import refuse_if_interested

KEEP: Any = object()


def assign(
    case: Case,
    actor: Any = None,
    *,
    owner: Any = KEEP,
    team: Any = KEEP,
    site: Any = KEEP,
    reason: str = "",
    revision: int | None = None,
) -> Case:
    """Give the case to a person, a team or another site; None takes it away. Emits `case.assigned`.

    A team brings its site along; a new team without a named owner leaves the case to the team. Raises NotAllowed,
    Stale, or CaseError when the new owner could not see the case.
    """
    by = who(actor)
    with changing(case, revision) as row:
        _may(by, row, owner)
        before = (row.owner_id, row.team_id, row.site_id)
        if team is not KEEP:
            row.team = team
            row.site_id = team.site_id if team is not None else row.site_id
            if owner is KEEP and row.team_id != before[1]:
                row.owner = None
        if site is not KEEP:
            row.site = site
        if owner is not KEEP:
            row.owner = owner
        _check_owner(row)
        after = (row.owner_id, row.team_id, row.site_id)
        if after != before:
            note_change(row, by, before, bool(reason))
    return case


def _may(by: Who, case: Case, owner: Any) -> None:
    takes_it = by.user is not None and owner is not KEEP and owner is not None and owner.pk == by.user.pk
    demand(by, "case.work" if takes_it else "case.assign", case)


def _check_owner(case: Case) -> None:
    refuse_if_interested(case, case.owner, "owner")
    if case.owner is not None and not (case.owner.is_active and can(case.owner, "case.work")):
        raise CaseError("owner", _("This colleague does not work on cases."), field="owner")


def note_change(case: Case, by: Who, before: tuple[int | None, ...], has_reason: bool) -> None:
    search.stale(case)
    record(
        case,
        "case.assigned",
        by,
        owner_id=case.owner_id,
        team_id=case.team_id,
        site_id=case.site_id,
        before_owner_id=before[0],
        before_team_id=before[1],
        before_site_id=before[2],
        reason=has_reason,
    )


def hand_over(user_id: int, to: Any, actor: Any = None) -> int:
    """Somebody left: their open cases and tasks go to `to` (None: back to the team). How many cases moved."""
    from ..models import Task

    moved = 0
    for case in Case.objects.filter(owner_id=user_id, is_open=True).iterator(chunk_size=200):
        assign(case, actor, owner=None if to is not None and to.pk in (case.recused or []) else to)
        moved += 1
    Task.objects.filter(assignee_id=user_id, status=Task.Status.OPEN).update(assignee=to)
    return moved
