"""Taking back what one cause did to a case: a mail set aside, an answer undone before it went out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from console.channels.services import TooLate, cancel

from ..config import spec_of
from ..models import Approval, Case, CustomerNotice, Mark, StateInterval, ToldState, TurnOf
from . import accepting, deadlines
from .base import record, who
from .reminders import lay_down, take_up

DATES = ("closed_at", "resolved_at", "decided_at")


def step_back(case: Case, cause: str, **facts: Any) -> dict[str, Any]:
    """Undo the present state and the marks when `cause` made them; emits `case.stepped_back`. Inside `changing`.

    What is returned is all that stepping forward again needs; empty when the case has moved on since.
    """
    current = StateInterval.objects.filter(case=case, cause=cause, ended_at=None, revoked_at=None).first()
    if current is None:
        return {}
    now = timezone.now()
    before = StateInterval.objects.filter(case=case, revoked_at=None).exclude(pk=current.pk).latest("started_at", "id")
    undone = {"did": "stepped", "interval": current.pk, "reopened": case.reopened, "turn": case.turn}
    undone["dates"] = {name: _iso(getattr(case, name)) for name in DATES} | {"told": case.told}
    StateInterval.objects.filter(pk=current.pk).update(revoked_at=now, ended_at=now)
    StateInterval.objects.filter(pk=before.pk).update(ended_at=None)
    was_reopened = Mark.objects.filter(case=case, source=cause, fact="reopened", revoked_at=None).exists()
    deadlines.revoke_marks(case, cause, now)
    take_up(case, current.started_at)
    deadlines.set_state(case, spec_of(case.version), before.state)
    if not case.is_open:
        lay_down(case, now)
    if was_reopened:
        case.reopened -= 1
    accepting.forget(case, cause)
    _dates_from_history(case, before)
    case.turn = TurnOf.STAFF if case.is_open else TurnOf.NOBODY
    deadlines.refresh(case, spec_of(case.version))
    record(case, "case.stepped_back", who(None), state=case.state, **facts)
    return undone


def take_back(case: Case, cause: str, **facts: Any) -> None:
    """All an answer did, undone: marks, steps, what it asked of a second person, the notice that waits with it."""
    first = StateInterval.objects.filter(case=case, cause=cause, revoked_at=None).order_by("id").first()
    deadlines.revoke_marks(case, cause)
    while step_back(case, cause, **facts):
        pass
    if first is not None:
        call_off_notices(case, first.started_at)
    asked = case.approvals.filter(status=Approval.Status.PENDING, payload__cause=cause)
    asked.update(status=Approval.Status.CANCELLED, decided_at=timezone.now())
    case.turn = TurnOf.STAFF if case.is_open else TurnOf.NOBODY
    deadlines.refresh(case, spec_of(case.version))


def call_off_notices(case: Case, since: datetime, kinds: tuple[str, ...] = ("decision", "closing")) -> None:
    """What was to tell of a step made since then stays here, unless somebody has begun to send it."""
    Status = CustomerNotice.Status
    waiting = CustomerNotice.objects.filter(
        case=case, kind__in=kinds, status=Status.PENDING, delivery__created_at__gte=since
    )
    for notice in waiting.select_related("delivery"):
        CustomerNotice.objects.filter(pk=notice.pk).update(status=Status.SKIPPED, reason="taken_back")
        try:
            cancel(notice.delivery, who(None).actor)
        except TooLate:
            CustomerNotice.objects.filter(pk=notice.pk).update(status=Status.PENDING, reason="")
            return
        case.told = ToldState.NOT_YET


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None


def _dates_from_history(case: Case, interval: StateInterval) -> None:
    """The dates that hold again, read back from marks and notices."""
    rows = list(Mark.objects.filter(case=case, revoked_at=None).order_by("at", "id").values_list("fact", "at"))
    began = max((place for place, (fact, _at) in enumerate(rows) if fact == "reopened"), default=-1)
    marks = dict(rows[began + 1 :])
    ended = interval.state_class in ("resolved", "closed")
    case.closed_at = interval.started_at if interval.state_class == "closed" else None
    case.resolved_at = marks.get("resolved") if ended else None
    case.decided_at = marks.get("decided")
    sent = CustomerNotice.objects.filter(
        case=case, round=case.reopened, kind__in=["decision", "closing", "non_acceptance"]
    )
    if "excused" in marks:
        case.told = ToldState.EXEMPT
    elif sent.filter(status="sent").exists():
        case.told = ToldState.TOLD
    elif sent.filter(status="failed").exists():
        case.told = ToldState.FAILED
