"""Telling the customer: notices, what became of them, and telling again when one came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import emit_many
from console.foundation.rows import write_many

from .. import search
from ..config import spec_of
from ..models import AcceptanceState, Case, CustomerNotice, Fact, Mark, Task, ToldState, Transition
from . import deadlines
from .base import CaseError, Who, changing, changing_many, demand, record, recorded, who
from .stepping import take_back
from .workflow import fire

Kind, Status = CustomerNotice.Kind, CustomerNotice.Status
# Notices that tell the customer the end of the matter; when one comes back the customer must be told again.
FINAL = (Kind.DECISION, Kind.CLOSING, Kind.NON_ACCEPTANCE)
# Notices the customer must have; when one of these comes back another way is tried.
DUE = (*FINAL, Kind.ACCEPTANCE, Kind.EXTENSION, Kind.SUPPLEMENT)


def source_of(delivery_id: int) -> str:
    """How marks name the delivery that made them."""
    return f"delivery:{delivery_id}"


@dataclass(frozen=True, slots=True)
class Noted:
    """A notice on its way (with its delivery) or not sent (with a reason), to be written down."""

    case: Case
    delivery: Any = None
    language: str = ""
    template: str = ""
    channel_kind: str = ""
    reason: str = ""


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
    return record_notices(kind, [Noted(case, delivery, language, template, channel_kind, reason)], actor)[0]


def record_notices(kind: str, news: Sequence[Noted], actor: Any = None) -> list[CustomerNotice]:
    """`record_notice` for several cases, answers in the given order. Acknowledgements cost the queries of one."""
    by = who(actor)
    if any(one.delivery is None and not one.reason for one in news):
        raise CaseError("reason_needed", _("Give a reason for not sending the notice."), field="reason")
    if kind != Kind.ACKNOWLEDGEMENT:
        return [_record_with_case(kind, one, by) for one in news]
    with transaction.atomic(savepoint=False):
        known = acknowledged([one.case for one in news])
        fresh = [one for one in news if one.case.pk not in known]
        known |= {notice.case_id: notice for notice in _written(kind, fresh, by)}
    return [known[one.case.pk] for one in news]


def acknowledged(cases: Iterable[Case]) -> dict[int, CustomerNotice]:
    """The acknowledgement of each case that has one."""
    rows = CustomerNotice.objects.filter(case__in=[case.pk for case in cases], kind=Kind.ACKNOWLEDGEMENT)
    return {notice.case_id: notice for notice in rows.order_by()}


def _record_with_case(kind: str, one: Noted, by: Who) -> CustomerNotice:
    with changing(one.case, news=True) as row:
        notice = _written(kind, [replace(one, case=row)], by)[0]
        if kind in FINAL and one.delivery is not None and row.told != ToldState.TOLD:
            row.told = ToldState.PENDING
    return notice


def _written(kind: str, news: Sequence[Noted], by: Who) -> list[CustomerNotice]:
    rows = CustomerNotice.objects.bulk_create(
        CustomerNotice(
            case=one.case,
            kind=kind,
            round=one.case.reopened,
            delivery=one.delivery,
            language=one.language,
            template=one.template,
            channel_kind=one.channel_kind,
            reason=str(one.reason)[:300],
            status=Status.PENDING if one.delivery is not None else Status.SKIPPED,
        )
        for one in news
    )
    emit_many(
        recorded(row.case, "case.notice_recorded", by, notice_id=row.pk, kind=kind, status=row.status) for row in rows
    )
    return rows


@dataclass(frozen=True, slots=True)
class Settled:
    """News of a delivery: accepted, failed, bounced, unknown or cancelled."""

    delivery_id: int
    outcome: str
    at: datetime | None = None


def settle_delivery(delivery_id: int, outcome: str, at: datetime | None = None) -> CustomerNotice | None:
    """News of one delivery. Moves its notice, marks and clocks. Safe to repeat."""
    return settle_deliveries([Settled(delivery_id, outcome, at)]).get(delivery_id)


def settle_deliveries(news: Sequence[Settled]) -> dict[int, CustomerNotice]:
    """`settle_delivery` for many; what was accepted costs the queries of one. The notices by delivery.

    Called for every delivery; those that belong to no case cost one query together.
    """
    rows = CustomerNotice.objects.filter(delivery__in=[one.delivery_id for one in news]).order_by()
    notices = {notice.delivery_id: notice for notice in rows}
    arrived: list[tuple[CustomerNotice, datetime]] = []
    for one in news:
        notice, at = notices.get(one.delivery_id), one.at or timezone.now()
        if notice is None:
            if one.outcome in ("failed", "bounced", "cancelled"):
                _answer_came_back(one.delivery_id, undone=one.outcome == "cancelled")
        elif one.outcome == "accepted":
            arrived.append((notice, at))
        elif one.outcome == "unknown":
            CustomerNotice.objects.filter(pk=notice.pk, status=Status.PENDING).update(status=Status.UNKNOWN)
        else:
            _came_back(notice, one.outcome, at)
    _arrived([(notice, at) for notice, at in arrived if notice.status != Status.SENT])
    return notices


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
    Kind.DECISION: (Fact.TOLD, Fact.UPDATED, Fact.ACCEPTANCE_TOLD),
    Kind.CLOSING: (Fact.TOLD, Fact.UPDATED, Fact.ACCEPTANCE_TOLD),
    Kind.EXTENSION: (Fact.UPDATED,),
    Kind.UPDATE: (Fact.UPDATED,),
    Kind.ACCEPTANCE: (Fact.ACKNOWLEDGED, Fact.ACCEPTANCE_TOLD, Fact.UPDATED),
    Kind.NON_ACCEPTANCE: (Fact.ACKNOWLEDGED, Fact.ACCEPTANCE_TOLD, Fact.TOLD, Fact.UPDATED),
    Kind.SUPPLEMENT: (Fact.ACKNOWLEDGED, Fact.UPDATED),
}


def _arrived(arrived: Sequence[tuple[CustomerNotice, datetime]]) -> None:
    """The customer has these notices, as far as one can know: what they tell is told, and clocks are met."""
    if not arrived:
        return
    with changing_many((notice.case_id for notice, _ in arrived), news=True) as rows:
        for notice, at in arrived:
            notice.status, notice.settled_at = Status.SENT, at
        write_many([notice for notice, _ in arrived], ("status", "settled_at"))
        Mark.objects.bulk_create(
            Mark(case_id=notice.case_id, fact=fact, at=at, source=source_of(notice.delivery_id))
            for notice, at in arrived
            for fact in FACTS[notice.kind]
        )
        for notice, at in arrived:
            case = rows[notice.case_id]
            if notice.kind in FINAL and notice.round == case.reopened:
                _told(case, notice, at)
            elif notice.kind in DUE:
                _no_need_to_call(case, notice, at)
        deadlines.refresh_many([(case, spec_of(case.version)) for case in rows.values()])


def _no_need_to_call(case: Case, notice: CustomerNotice, at: datetime) -> None:
    failed = CustomerNotice.objects.filter(case=case, kind=notice.kind, status=Status.FAILED).values_list(
        "pk", flat=True
    )
    rows = Task.objects.filter(case=case, key__in=[f"tell:{pk}" for pk in failed], status=Task.Status.OPEN)
    rows.update(status=Task.Status.DONE, done_at=at)


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
            if notice.kind in DUE and notice.kind not in FINAL and not _another(case, notice):
                _tell_again(case, notice)
    return notice


def _another(case: Case, notice: CustomerNotice) -> bool:
    rows = CustomerNotice.objects.filter(case=case, kind=notice.kind, round=notice.round).exclude(pk=notice.pk)
    return rows.filter(status__in=[Status.SENT, Status.PENDING]).exists()


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
            kind=Kind.NON_ACCEPTANCE if row.acceptance == AcceptanceState.REFUSED else Kind.DECISION,
            round=row.reopened,
            status=Status.SENT,
            channel_kind=how,
            reason=reason[:300],
            settled_at=now,
            language=row.language,
        )
        for fact in FACTS[notice.kind]:
            deadlines.mark(row, fact, now, f"notice:{notice.pk}")
        _told(row, notice, now)
        deadlines.refresh(row, spec_of(row.version), now)
    return case


def told_by_call(case: Case, task: Task, by: Who) -> None:
    """The task to tell them was done: what the lost notice was to say has been said. Inside a `changing` block."""
    pk = task.key.removeprefix("tell:")
    lost = CustomerNotice.objects.filter(case=case, pk=pk).first() if pk.isdigit() else None
    if lost is None or lost.kind in FINAL:
        return  # An end is told by an act of its own: it says when and how.
    now = timezone.now()
    for fact in FACTS[lost.kind]:
        deadlines.mark(case, fact, now, f"task:{task.pk}")
    deadlines.refresh(case, spec_of(case.version), now)


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
        facts = [Fact.ACKNOWLEDGED, Fact.RESPONDED, Fact.UPDATED]
        if spec.accepts and (row.acceptance or spec.triggered(Transition.Trigger.ANSWERED, row.state)):
            facts.append(Fact.ACCEPTANCE_TOLD)
        Mark.objects.bulk_create([Mark(case=row, fact=fact, at=at, source=source) for fact in facts])
        row.last_message_at = at
        search.stale(row)
        if not fire(row, spec, Transition.Trigger.ANSWERED, by, at=at, cause=source):
            deadlines.refresh(row, spec)
        row.turn = TurnOf.CUSTOMER if row.is_open else TurnOf.NOBODY
        record(row, "case.answered", by, source=source)


__all__ = [
    "Noted",
    "Settled",
    "acknowledged",
    "answered",
    "ask_for_call",
    "not_told",
    "record_notice",
    "record_notices",
    "settle_deliveries",
    "settle_delivery",
    "source_of",
    "told_in_person",
]
