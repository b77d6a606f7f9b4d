"""Tasks that look after a deadline end with the case and come back when its ending is taken back."""

from __future__ import annotations

from datetime import datetime

from ..models import Case, Task


def lay_down(case: Case, at: datetime) -> None:
    """The case ended, or left every queue: nobody needs to look after its deadlines."""
    open_ones = case.tasks.filter(kind=Task.Kind.ESCALATION, status=Task.Status.OPEN)
    open_ones.update(status=Task.Status.CANCELLED, done_at=at)


def take_up(case: Case, at: datetime) -> None:
    """What happened at that moment never happened: tasks that ended with it, and by nobody's hand, go on."""
    ended = case.tasks.filter(status=Task.Status.CANCELLED, done_by=None, done_at=at)
    ended.update(status=Task.Status.OPEN, done_at=None)
