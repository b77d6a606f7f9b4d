"""Tasks of a case: for colleagues, other departments, and for telling a customer by telephone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import Case, Participant, Task
from .base import CaseError, NotAllowed, changing, demand, record, who
from .notices import told_by_call
from .recusal import refuse_if_interested


def add_task(
    case: Case,
    title: str,
    actor: Any = None,
    *,
    detail: str = "",
    kind: str = Task.Kind.WORK,
    assignee: Any = None,
    team: Any = None,
    role: str = "",
    due_at: datetime | None = None,
    key: str = "",
) -> Task:
    """Ask somebody for something; the assignee may then see this one case. Emits `case.task_added`.

    With a `key` the task is made once for the case; asking again gives the one there is.
    """
    by = who(actor)
    demand(by, "case.work", case)
    refuse_if_interested(case, assignee, "assignee")
    if not title.strip():
        raise CaseError("empty_title", _("A task needs a title."), field="title")
    with changing(case) as row:
        known = Task.objects.filter(case=row, key=key).first() if key else None
        if known is not None:
            return known
        task = Task.objects.create(
            case=row,
            title=title.strip()[:200],
            detail=detail,
            kind=kind,
            assignee=assignee,
            team=team,
            role=role,
            due_at=due_at,
            key=key,
            created_by=by.user,
        )
        if assignee is not None:
            Participant.objects.get_or_create(case=row, user=assignee)
        record(
            row, "case.task_added", by, task_id=task.pk, kind=kind, assignee_id=task.assignee_id, team_id=task.team_id
        )
    return task


def finish_task(task: Task, actor: Any = None, answer: str = "", *, done: bool = True) -> Task:
    """Answer a task, or cancel it with `done=False`; emits `case.task_done` or `case.task_cancelled`."""
    by = who(actor)
    case = task.case
    if by.user is not None and by.user_id != task.assignee_id:
        demand(by, "case.task", case)
    elif by.user is not None:
        demand(by, "case.task")
    with changing(case) as row:
        fresh = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
        if fresh.status != Task.Status.OPEN:
            raise CaseError("finished", _("This task is finished already."))
        fresh.status = Task.Status.DONE if done else Task.Status.CANCELLED
        fresh.answer, fresh.done_by, fresh.done_at = answer, by.user, timezone.now()
        fresh.save()
        if done and fresh.key.startswith("tell:"):
            told_by_call(row, fresh, by)
        record(row, "case.task_done" if done else "case.task_cancelled", by, task_id=fresh.pk, kind=fresh.kind)
    task.refresh_from_db()
    return task


def add_participant(case: Case, user: Any, actor: Any = None) -> Participant:
    """Let a colleague see this case; emits `case.participant_added`."""
    by = who(actor)
    demand(by, "case.work", case)
    if not user.is_active:
        raise NotAllowed("inactive", _("This colleague has left."))
    refuse_if_interested(case, user)
    with changing(case) as row:
        participant, fresh = Participant.objects.get_or_create(case=row, user=user)
        if fresh:
            record(row, "case.participant_added", by, user_id=user.pk)
    return participant


def remove_participant(case: Case, user: Any, actor: Any = None) -> None:
    """Take the colleague's view of this case away again; emits `case.participant_removed`."""
    by = who(actor)
    demand(by, "case.work", case)
    with changing(case) as row:
        gone, _rows = Participant.objects.filter(case=row, user=user).delete()
        if gone:
            record(row, "case.participant_removed", by, user_id=user.pk)
