"""Asking a second person: one row that waits, and the event that says so."""

from typing import Any

from ..models import Approval, Case
from .base import Who, record


def ask(case: Case, kind: str, role: str, by: Who, *, step: str, reason: str, payload: dict[str, Any]) -> Approval:
    """An approval that waits for somebody of `role`, inside a `changing` block; emits `case.approval_requested`."""
    approval = Approval.objects.create(
        case=case, kind=kind, role=role, reason=reason, payload=payload, requested_by=by.user
    )
    case.set_beside("approvals")
    record(case, "case.approval_requested", by, approval_id=approval.pk, role=role, step=step)
    return approval
