"""A longer period for a clock: asked for with a reason, approved by a second person, told to the customer."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..config import Spec, spec_of
from ..models import Approval, Case, ClockState, Extension, ExtensionRule, Fact
from . import deadlines
from .asking import ask
from .base import CaseError, Who, changing, demand, record, who


def available_extensions(case: Case) -> list[ExtensionRule]:
    """The rules that could be asked for now, in their order."""
    spec = spec_of(case.version)
    return [rule for rule in spec.extension_rules.values() if not _reason_against(case, rule)]


def _reason_against(case: Case, rule: ExtensionRule) -> CaseError | None:
    rows = list(Extension.objects.filter(case=case).select_related("rule"))
    granted = {row.rule.code for row in rows if row.status == Extension.Status.GRANTED}
    if any(row.status == Extension.Status.REQUESTED for row in rows):
        return CaseError("pending", _("An extension is waiting for approval."))
    if rule.code in granted:
        return CaseError("granted", _("This extension was granted already."))
    if rule.after and rule.after not in granted:
        return CaseError("order", _("Another extension comes first."))
    clock = case.clocks.filter(kind=rule.clock).first()
    if clock is None or clock.stopped_at is not None or clock.state == ClockState.CANCELLED:
        return CaseError("not_running", _("This clock is not running."))
    if clock.state == ClockState.BREACHED:
        return CaseError("over", _("The period is over; it is made longer before it ends."))
    return None


def request_extension(
    case: Case, rule: str, reason: str, actor: Any = None, *, revision: int | None = None
) -> Extension:
    """Ask for a longer period by one of the type's rules; emits `case.approval_requested` or `case.extended`.

    Raises CaseError when the rule does not fit now or no reason is given, NotAllowed, Stale.
    """
    by = who(actor)
    with changing(case, revision) as row:
        demand(by, "case.extend", row)
        spec = spec_of(row.version)
        found = spec.extension_rules.get(rule)
        if found is None:
            raise CaseError("unknown_rule", _("This type has no such extension."), field="rule")
        if not reason.strip():
            raise CaseError("reason_needed", _("Give a reason."), field="reason")
        against = _reason_against(row, found)
        if against:
            raise against
        return _ask(row, spec, found, reason.strip(), by)


def _ask(case: Case, spec: Spec, rule: ExtensionRule, reason: str, by: Who) -> Extension:
    extension = Extension(
        case=case, rule=rule, clock=rule.clock, amount=rule.amount, reason=reason, requested_by=by.user
    )
    deadlines.mark(case, Fact.EXTENSION_ASKED, timezone.now())
    if rule.approval_role and by.user is not None:
        extension.approval = ask(
            case,
            Approval.Kind.EXTENSION,
            rule.approval_role,
            by,
            step=f"extension:{rule.code}",
            reason=reason,
            payload={"rule": rule.code, "amount": rule.amount},
        )
        extension.save()
        deadlines.refresh(case, spec)
    else:
        extension.save()
        settle(case, extension, by, granted=True)
    return extension


def settle(case: Case, extension: Extension, by: Who, *, granted: bool) -> None:
    """Grant or refuse inside a `changing` block: the clock is computed again; `case.extended` when granted."""
    now = timezone.now()
    extension.status = Extension.Status.GRANTED if granted else Extension.Status.REFUSED
    extension.decided_at = now
    extension.save()
    deadlines.mark(case, Fact.EXTENSION_DECIDED, now)
    deadlines.refresh(case, spec_of(case.version), now)
    if granted:
        due = case.clocks.filter(kind=extension.clock).values_list("due_at", flat=True).first()
        record(
            case,
            "case.extended",
            by,
            extension_id=extension.pk,
            rule=extension.rule.code,
            clock=extension.clock,
            amount=extension.amount,
            due_at=due.isoformat() if due else None,
            tells_customer=extension.rule.tells_customer,
        )
