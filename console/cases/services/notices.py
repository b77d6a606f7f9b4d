"""Telling the customer: notices, what became of them, and telling again when one came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import search
from ..config import spec_of
from ..models import Case, CustomerNotice, Fact, Mark, Task, ToldState, Transition
from . import deadlines
from .base import CaseError, Who, changing, demand, record, who
from .stepping import take_back
from .workflow import fire

Kind, Status = CustomerNotice.Kind, CustomerNotice.Status
# Notices that tell the customer the end of the matter; when one comes back the customer must be told again.
FINAL = (Kind.DECISION, Kind.CLOSING)


def source_of(delivery_id: int) -> str:
    """How marks name the delivery that made them."""
    return f"delivery:{delivery_id}"


def record_notice(
    case: Case,
    kind: str,
    delivery: Any = None,
    actor: Any = None,
    *,
    language: str = "",
    template: str = "",
    channel_kind: str = "",
    reason: str = "",
) -> CustomerNotice:
    """Write down a notice on its way (with its delivery) or not sent (with a reason); emits `case.notice_recorded`.

    The acknowledgement is recorded once for a case: a second call gives the first. What becomes of the delivery
    arrives by events (`settle_delivery`).
    """
    by = who(actor)
    if delivery is None and not reason:
        raise CaseError("reason_needed", _("Give a reason for not sending the notice."), field="reason")
    if kind == Kind.ACKNOWLEDGEMENT:
        with transaction.atomic(savepoint=False):
            known = CustomerNotice.objects.filter(case=case, kind=kind).first()
            return known or _written(case, by, kind, delivery, language, template, channel_kind, reason)
    with changing(case) as row:
        notice = _written(row, by, kind, delivery, language, template, channel_kind, reason)
        if kind in FINAL and delivery is not None and row.told != ToldState.TOLD:
            row.told = ToldState.PENDING
    return notice


def _written(
    case: Case, by: Who, kind: str, delivery: Any, language: str, template: str, channel_kind: str, reason: str
) -> CustomerNotice:
    notice = CustomerNotice.objects.create(
        case=case,
        kind=kind,
        round=case.reopened,
        delivery=delivery,
        language=language,
        template=template,
        channel_kind=channel_kind,
        reason=str(reason)[:300],
        status=Status.PENDING if delivery is not None else Status.SKIPPED,
    )
    record(case, "case.notice_recorded", by, notice_id=notice.pk, kind=kind, status=notice.status)
    return notice


def settle_delivery(delivery_id: int, outcome: str, at: datetime | None = None) -> CustomerNotice | None:
    """News of a delivery: accepted, failed, bounced, unknown or cancelled. Moves its notice, marks and clocks.

    Called for every delivery; those that belong to no case cost one query. Safe to repeat.
    """
    notice = CustomerNotice.objects.filter(delivery_id=delivery_id).select_related("case").first()
    if notice is None:
        if outcome in ("failed", "bounced", "cancelled"):
            _answer_came_back(delivery_id, undone=outcome == "cancelled")
        return None
    at = at or timezone.now()
    if outcome == "accepted":
        return _arrived(notice, at)
    if outcome == "unknown":
        CustomerNotice.objects.filter(pk=notice.pk, status=Status.PENDING).update(status=Status.UNKNOWN)
        return notice
    return _came_back(notice, outcome, at)


def _answer_came_back(delivery_id: int, *, undone: bool) -> None:
    """An ordinary answer did not arrive: clocks it had met run again. Taken back, its steps never happened either."""
    source = source_of(delivery_id)
    for case in Case.objects.filter(pk__in=Mark.objects.filter(source=source, revoked_at=None).values("case_id")):
        with changing(case) as row:
            if undone:
                take_back(row, source, delivery_id=delivery_id)
                record(row, "case.answer_taken_back", who(None), delivery_id=delivery_id)
                continue
            deadlines.revoke_marks(row, source)
            deadlines.refresh(row, spec_of(row.version))
            record(row, "case.answer_failed", who(None), delivery_id=delivery_id)


FACTS = {
    Kind.ACKNOWLEDGEMENT: (Fact.ACKNOWLEDGED,),
    Kind.DECISION: (Fact.TOLD, Fact.UPDATED),
    Kind.CLOSING: (Fact.TOLD, Fact.UPDATED),
    Kind.EXTENSION: (Fact.UPDATED,),
    Kind.UPDATE: (Fact.UPDATED,),
}


def _arrived(notice: CustomerNotice, at: datetime) -> CustomerNotice:
    if notice.status == Status.SENT:
        return notice
    source = source_of(notice.delivery_id)
    with changing(notice.case) as case:
        notice.status, notice.settled_at = Status.SENT, at
        notice.save(update_fields=["status", "settled_at"])
        Mark.objects.bulk_create([Mark(case=case, fact=fact, at=at, source=source) for fact in FACTS[notice.kind]])
        if notice.kind in FINAL and notice.round == case.reopened:
            _told(case, notice, at)
        deadlines.refresh(case, spec_of(case.version))
    return notice


def _told(case: Case, notice: CustomerNotice, at: datetime) -> None:
    case.told = ToldState.TOLD
    open_tasks = Task.objects.filter(case=case, key__startswith="tell:", status=Task.Status.OPEN)
    open_tasks.update(status=Task.Status.DONE, done_at=at)
    record(case, "case.customer_told", who(None), notice_id=notice.pk, kind=notice.kind)
    fire(case, spec_of(case.version), Transition.Trigger.TOLD, who(None), at=at)


def _came_back(notice: CustomerNotice, outcome: str, at: datetime) -> CustomerNotice:
    if notice.status in (Status.FAILED, Status.SKIPPED):
        return notice
    with changing(notice.case) as case:
        notice.status, notice.settled_at, notice.reason = Status.FAILED, at, outcome
        notice.save(update_fields=["status", "settled_at", "reason"])
        deadlines.revoke_marks(case, source_of(notice.delivery_id))
        spec = spec_of(case.version)
        if notice.kind in FINAL and notice.round == case.reopened and not _told_otherwise(case):
            case.told = ToldState.FAILED
            deadlines.refresh(case, spec)
            _tell_again(case, notice)
        else:
            deadlines.refresh(case, spec)
    return notice


def _told_otherwise(case: Case) -> bool:
    rows = CustomerNotice.objects.filter(case=case, round=case.reopened, kind__in=FINAL)
    return rows.filter(status__in=[Status.SENT, Status.PENDING]).exists()


def _tell_again(case: Case, notice: CustomerNotice) -> None:
    """The customer does not know after all: a task stands until somebody or another channel has told them."""
    from .todo import add_task

    add_task(
        case,
        str(_("Tell the customer: the notice came back")),
        kind=Task.Kind.TELL,
        assignee=case.owner,
        team=case.team,
        due_at=case.next_due_at,
        key=f"tell:{notice.pk}",
    )
    record(
        case,
        "case.tell_again",
        who(None),
        notice_id=notice.pk,
        kind=notice.kind,
        delivery_id=notice.delivery_id,
        channel_kind=notice.channel_kind,
    )


def ask_for_call(case: Case, notice_id: int, actor: Any = None) -> Task:
    """No other channel is allowed: the open "tell" task becomes a call. Emits `case.task_added` when it is new."""
    from .todo import add_task

    rows = Task.objects.filter(case=case, key=f"tell:{notice_id}", status=Task.Status.OPEN)
    title = str(_("Call the customer: the notice came back"))
    if rows.update(kind=Task.Kind.CALL, title=title):
        return rows.get()
    return add_task(
        case, title, actor, kind=Task.Kind.CALL, assignee=case.owner, team=case.team, key=f"tell:{notice_id}"
    )


def told_in_person(case: Case, actor: Any, how: str = "call", reason: str = "") -> Case:
    """A colleague told the customer by telephone or at the counter; emits `case.customer_told`."""
    by = who(actor)
    now = timezone.now()
    with changing(case) as row:
        demand(by, "case.work", row)
        notice = CustomerNotice.objects.create(
            case=row,
            kind=Kind.DECISION,
            round=row.reopened,
            status=Status.SENT,
            channel_kind=how,
            reason=reason[:300],
            settled_at=now,
            language=row.language,
        )
        for fact in FACTS[Kind.DECISION]:
            deadlines.mark(row, fact, now, f"notice:{notice.pk}")
        _told(row, notice, now)
        deadlines.refresh(row, spec_of(row.version), now)
    return case


def not_told(case: Case, reason: str, actor: Any = None) -> Case:
    """Record why the customer cannot or must not be told; emits `case.not_told`. Raises CaseError without a reason."""
    by = who(actor)
    if not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")
    with changing(case) as row:
        demand(by, "case.close", row)
        row.told, row.not_told_reason = ToldState.EXEMPT, reason.strip()[:300]
        deadlines.mark(row, Fact.EXCUSED, timezone.now())
        row.tasks.filter(key__startswith="tell:", status=Task.Status.OPEN).update(status=Task.Status.CANCELLED)
        deadlines.refresh(row, spec_of(row.version))
        record(row, "case.not_told", by)
    return case


def answered(case: Case, by: Who, source: str, at: datetime, *, automatic: bool = False) -> None:
    """A person wrote to the customer: first response, acknowledgement and update are met. Emits `case.answered`."""
    from ..models import TurnOf

    if automatic or Mark.objects.filter(case=case, source=source).exists():
        return
    with changing(case) as row:
        spec = spec_of(row.version)
        facts = (Fact.ACKNOWLEDGED, Fact.RESPONDED, Fact.UPDATED)
        Mark.objects.bulk_create([Mark(case=row, fact=fact, at=at, source=source) for fact in facts])
        row.last_message_at = at
        search.stale(row)
        if not fire(row, spec, Transition.Trigger.ANSWERED, by, at=at, cause=source):
            deadlines.refresh(row, spec)
        row.turn = TurnOf.CUSTOMER if row.is_open else TurnOf.NOBODY
        record(row, "case.answered", by, source=source)


__all__ = [
    "answered",
    "ask_for_call",
    "not_told",
    "record_notice",
    "settle_delivery",
    "source_of",
    "told_in_person",
]
