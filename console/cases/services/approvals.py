"""A second person decides; nobody decides their own request."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.staff.access import roles_of

from ..config import spec_of
from ..models import Approval, Extension
from .base import CaseError, NotAllowed, Who, changing, demand, record, who
from .workflow import check, execute


def may_decide(approval: Approval, user: Any) -> bool:
    """Whether this person is a possible second person for the request."""
    if user.pk == approval.requested_by_id:
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
        _may(fresh, by, approve, reason)
        demand(by, "case.approve", row)
        fresh.status = Approval.Status.APPROVED if approve else Approval.Status.REJECTED
        fresh.decided_by, fresh.decided_at, fresh.decision_reason = by.user, timezone.now(), reason
        fresh.save()
        record(row, "case.approval_decided", by, approval_id=fresh.pk, approved=approve, kind=fresh.kind)
        if fresh.kind == Approval.Kind.TRANSITION and approve:
            _move(row, fresh, by)
        elif fresh.kind == Approval.Kind.EXTENSION:
            from .extensions import settle

            settle(row, Extension.objects.get(approval=fresh), by, granted=approve)
    approval.refresh_from_db()
    return approval


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
    execute(case, spec, move, by, reason=approval.reason)


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
        fresh.status, fresh.decided_at = Approval.Status.CANCELLED, timezone.now()
        fresh.save()
        record(row, "case.approval_decided", by, approval_id=fresh.pk, approved=False, kind=fresh.kind)
        if fresh.kind == Approval.Kind.EXTENSION:
            from .extensions import settle

            settle(row, Extension.objects.get(approval=fresh), by, granted=False)
    approval.refresh_from_db()
    return approval
