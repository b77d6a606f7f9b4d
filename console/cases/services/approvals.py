"""A second person decides; nobody decides their own request."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.staff.access import roles_of

from ..config import spec_of
from ..models import Approval, Case, Extension, Redress
from . import effects
from .base import CaseError, NotAllowed, Who, changing, demand, record, refuse_interest, who
from .workflow import check, execute


def may_decide(approval: Approval, user: Any) -> bool:
    """Whether this person is a possible second person for the request."""
    if user.pk == approval.requested_by_id or user.pk in (approval.case.recused or []):
        return False
    return user.is_superuser or approval.role in roles_of(user)


def decide_approval(approval: Approval, actor: Any, approve: bool, reason: str = "") -> Approval:
    """Approve or reject; what was approved happens in the same transaction. Emits `case.approval_decided`.

    Raises NotAllowed for one's own request or another role, CaseError when it is decided already or a rejection
    has no reason, Incomplete when the case no longer meets what the step needs.
    """
    by = who(actor)
    case = approval.case
    with changing(case) as row:
        fresh = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
        refuse_interest(by, row)
        _may(fresh, by, approve, reason)
        demand(by, "case.approve", row)
        fresh.status = Approval.Status.APPROVED if approve else Approval.Status.REJECTED
        fresh.decided_by, fresh.decided_at, fresh.decision_reason = by.user, timezone.now(), reason
        fresh.save()
        record(row, "case.approval_decided", by, approval_id=fresh.pk, approved=approve, kind=fresh.kind)
        _follow(row, fresh, by, approve)
    approval.refresh_from_db()
    return approval


def _follow(case: Case, approval: Approval, by: Who, granted: bool | None) -> None:
    """What the answer means for what was asked; None: nobody answers any more."""
    from . import extensions, redress

    if approval.kind == Approval.Kind.EXTENSION:
        extensions.settle(case, Extension.objects.get(approval=approval), by, granted=bool(granted))
    elif approval.kind == Approval.Kind.REDRESS:
        redress.settle(case, Redress.objects.get(approval=approval), by, granted=granted)
    elif granted:
        _move(case, approval, by)


def _may(approval: Approval, by: Who, approve: bool, reason: str) -> None:
    if approval.status != Approval.Status.PENDING:
        raise CaseError("decided", _("This request has been decided already."))
    if by.user is None:
        raise NotAllowed("person", _("Only a person can decide this."))
    if by.user_id == approval.requested_by_id:
        raise NotAllowed("own", _("You cannot decide your own request."), allowed=_("Ask a second person."))
    if not may_decide(approval, by.user):
        raise NotAllowed("role", _("Another role does this."))
    if not approve and not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")


def _move(case: Any, approval: Approval, by: Who) -> None:
    spec = spec_of(case.version)
    move = spec.transitions[approval.payload["transition"]]
    if case.state not in move.sources and "*" not in move.sources:
        raise CaseError("not_here", _("The case has moved on since this was asked."))
    check(case, spec, move)
    brought = approval.payload.get("brought", {})
    effects.of(move.trigger).check(case, spec, brought)
    execute(case, spec, move, by, reason=approval.reason, brought=brought)


def cancel_approval(approval: Approval, actor: Any) -> Approval:
    """The person who asked takes the request back; emits `case.approval_decided` with approved=False."""
    by = who(actor)
    case = approval.case
    with changing(case) as row:
        fresh = Approval.objects.select_for_update(of=("self",)).get(pk=approval.pk)
        if fresh.status != Approval.Status.PENDING:
            raise CaseError("decided", _("This request has been decided already."))
        if by.user is not None and by.user_id != fresh.requested_by_id:
            raise NotAllowed("own", _("Only the person who asked can take it back."))
        drop(row, fresh, by)
    approval.refresh_from_db()
    return approval


def drop(case: Case, approval: Approval, by: Who) -> None:
    """End a pending request without a decision, inside a `changing` block."""
    approval.status, approval.decided_at = Approval.Status.CANCELLED, timezone.now()
    approval.save()
    record(case, "case.approval_decided", by, approval_id=approval.pk, approved=False, kind=approval.kind)
    _follow(case, approval, by, None)
