"""Telling people before a deadline and at it. Due cases are found on an index; each step is taken once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.work import BATCH
from console.staff.models import User

from ..config import spec_of
from ..models import Case, Escalation, EscalationStep, Task
from . import deadlines
from .base import changing, record, who
from .todo import add_task

Target = EscalationStep.Target


def due_cases() -> QuerySet[Case]:
    """Cases somebody must hear about, for the sweeper: its name for "when" is `next_attempt_at`."""
    return Case.objects.filter(next_check_at__isnull=False).annotate(next_attempt_at=F("next_check_at"))


def drain(limit: int = BATCH) -> int:
    """Handle up to `limit` cases whose moment has come; how many. The pump `cases.clocks`."""
    now = timezone.now()
    due = Case.objects.filter(next_check_at__lte=now).order_by("next_check_at")
    handled = 0
    for case in due[:limit]:
        handled += check_case(case, now)
    return handled


def check_case(case: Case, now: datetime | None = None) -> int:
    """Take every step of one case that is due, once each. 1 when something was due, else 0."""
    now = now or timezone.now()
    with changing(case) as row:
        if row.next_check_at is None or row.next_check_at > now:
            return 0
        spec = spec_of(row.version)
        readings = deadlines.read_all(spec, deadlines.history_of(row), now)
        live = [(item.due_at, kind) for _, kind, item in readings if item.stopped_at is None]
        fired = set(row.escalations.values_list("step_id", "due_at"))
        for at, step, deadline in sorted(
            deadlines.pending_steps(spec, live, fired), key=lambda item: (item[0], item[1].pk)
        ):
            if at <= now:
                _fire(row, step, deadline, now)
        deadlines.refresh(row, spec, now)
    return 1


def _fire(case: Case, step: EscalationStep, deadline: datetime, now: datetime) -> None:
    people = people_for(case, step.target)
    _row, fresh = Escalation.objects.get_or_create(
        case=case, step=step, due_at=deadline, defaults={"kind": step.clock, "fired_at": now, "people": people}
    )
    if not fresh:
        return
    case.escalated = True
    if step.makes_task:
        _give_task(case, step, people)
    record(
        case,
        "case.clock_breached" if deadline <= now else "case.clock_due_soon",
        who(None),
        clock=step.clock,
        due_at=deadline.isoformat(),
        minutes_before=step.minutes_before,
        target=step.target,
        people=people,
    )


def _give_task(case: Case, step: EscalationStep, people: list[int]) -> None:
    assignee = User.objects.filter(pk=people[0]).first() if len(people) == 1 else None
    add_task(
        case,
        str(_("Deadline: %(clock)s") % {"clock": step.get_clock_display()}),
        kind=Task.Kind.ESCALATION,
        assignee=assignee,
        team=case.team,
        role="" if step.target in (Target.OWNER, Target.TEAM) else step.target,
        key=f"escalation:{step.pk}:{case.reopened}",
    )


def people_for(case: Case, target: str) -> list[int]:
    """Ids of those a step tells. Without an owner the team hears; nobody found means the site's supervisors.

    Whoever keeps out of the matter hears nothing of it.
    """
    return [pk for pk in _people_for(case, target) if pk not in (case.recused or [])]


def _people_for(case: Case, target: str) -> list[int]:
    if target == Target.OWNER and case.owner_id:
        return [case.owner_id]
    rows = User.objects.filter(is_active=True)
    if target in (Target.OWNER, Target.TEAM):
        found = _ids(rows.filter(memberships__team_id=case.team_id)) if case.team_id else []
        return found or _leads(rows, case)
    if target == Target.OFFICER:
        return _ids(rows.filter(_role(Target.OFFICER))) or _leads(rows, case)
    return _leads(rows, case)


def _role(code: str) -> Q:
    return Q(memberships__role__code=code)


def _leads(rows: QuerySet[Any], case: Case) -> list[int]:
    leads = rows.filter(_role(Target.SUPERVISOR))
    own = _ids(leads.filter(memberships__team_id=case.team_id)) if case.team_id else []
    if own or not case.site_id:
        return own or _ids(leads)
    here = leads.filter(Q(site_id=case.site_id) | Q(memberships__team__site_id=case.site_id))
    return _ids(here) or _ids(leads)


def _ids(rows: QuerySet[Any]) -> list[int]:
    return sorted(set(rows.values_list("pk", flat=True)))
