"""What is done to put it right: proposed, approved by whom the limit names, paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..config import Spec, spec_of
from ..models import Approval, Case, Choice, Redress, RedressLimit
from .asking import ask
from .base import CaseError, Who, changing, demand, record, who

Status = Redress.Status


def add_redress(
    case: Case, kind: str, actor: Any = None, *, amount: Decimal | None = None, currency: str = "CNY", note: str = ""
) -> Redress:
    """Propose one piece of redress; emits `case.redress_added`, and `case.approval_requested` where a limit asks.

    Raises NotAllowed, CaseError for an unknown kind or an amount no limit of the type covers.
    """
    by = who(actor)
    with changing(case) as row:
        demand(by, "case.redress", row)
        spec = spec_of(row.version)
        if spec.choice(Choice.Kind.REDRESS, kind) is None:
            raise CaseError("unknown_choice", _("This is not on the list."), field="kind")
        if amount is not None and amount < 0:
            raise CaseError("negative", _("The amount cannot be below zero."), field="amount")
        made = Redress(case=row, kind=kind, amount=amount, currency=currency, note=note[:300], recorded_by=by.user)
        role = _approver(spec, kind, amount)
        if role and by.user is not None:
            made.status, made.approval = Status.ASKED, _ask(row, made, role, by)
        made.save()
        row.set_beside("redress")
        record(row, "case.redress_added", by, redress_id=made.pk, kind=kind, status=made.status)
    return made


def _approver(spec: Spec, kind: str, amount: Decimal | None) -> str:
    """The role that approves this amount; "" when nobody needs to. Types without limits ask nobody."""
    rows = [row for row in spec.redress_limits if row.kind in ("", kind)]
    if not rows:
        return ""
    found = next((row for row in rows if _covers(row, amount)), None)
    if found is None:
        raise CaseError("too_much", _("No limit of this type covers the amount."), field="amount")
    return found.approval_role


def _covers(limit: RedressLimit, amount: Decimal | None) -> bool:
    return limit.up_to is None or (amount or 0) <= limit.up_to


def _ask(case: Case, redress: Redress, role: str, by: Who) -> Approval:
    payload = {"kind": redress.kind, "amount": str(redress.amount or ""), "currency": redress.currency}
    return ask(
        case, Approval.Kind.REDRESS, role, by, step=f"redress:{redress.kind}", reason=redress.note, payload=payload
    )


def settle(case: Case, redress: Redress, by: Who, *, granted: bool | None) -> None:
    """Approve or refuse inside a `changing` block (None: taken back); emits `case.redress_settled`."""
    redress.status = {True: Status.APPROVED, False: Status.REFUSED, None: Status.CANCELLED}[granted]
    redress.save(update_fields=["status"])
    record(case, "case.redress_settled", by, redress_id=redress.pk, kind=redress.kind, status=redress.status)


def pay_redress(redress: Redress, actor: Any = None, *, paid_on: date | None = None, reference: str = "") -> Redress:
    """Put on record that it was paid or done; emits `case.redress_paid`.

    Raises CaseError unless it was approved, or for a day to come; NotAllowed.
    """
    by = who(actor)
    day = paid_on or timezone.localdate()
    with changing(redress.case) as row:
        demand(by, "case.redress", row)
        fresh = Redress.objects.select_for_update(of=("self",)).get(pk=redress.pk)
        if fresh.status != Status.APPROVED:
            raise CaseError("not_approved", _("Only approved redress is paid."))
        if day > timezone.localdate():
            raise CaseError("future", _("This day is still to come."), field="paid_on")
        fresh.status, fresh.paid_on, fresh.reference, fresh.paid_by = Status.PAID, day, reference[:60], by.user
        fresh.save()
        record(row, "case.redress_paid", by, redress_id=fresh.pk, kind=fresh.kind)
    redress.refresh_from_db()
    return redress


def cancel_redress(redress: Redress, actor: Any = None) -> Redress:
    """It will not be done after all; emits `case.redress_settled`. What was paid stays paid."""
    by = who(actor)
    with changing(redress.case) as row:
        demand(by, "case.redress", row)
        fresh = Redress.objects.select_for_update(of=("self",)).select_related("approval").get(pk=redress.pk)
        if fresh.status not in (Status.ASKED, Status.APPROVED):
            raise CaseError("settled", _("This redress is settled already."))
        if fresh.approval is not None and fresh.approval.status == Approval.Status.PENDING:
            from .approvals import drop

            drop(row, fresh.approval, by)
        else:
            settle(row, fresh, by, granted=None)
    redress.refresh_from_db()
    return redress
