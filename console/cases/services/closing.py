"""What closing asks for: named requirements, each with its place in the page."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from .. import subjects
from ..config import Spec, spec_of
from ..models import Approval, Case, ClosingRequirement, CustomerNotice, Fact, Mark, Redress, Task, ToldState
from .base import Missing, Text
from .parties import incomplete

Kind = ClosingRequirement.Kind


def missing_for_closing(case: Case) -> list[Missing]:
    """Everything the case's type asks for before closing and that is not there yet; empty when it may close."""
    spec = spec_of(case.version)
    return [
        Missing(row.code, row.label or _default(row, spec), _anchor(row))
        for row in spec.closing
        if _applies(row, case) and not CHECKS[row.kind](case, row.parameter)
    ]


def _applies(row: ClosingRequirement, case: Case) -> bool:
    return not row.applies or subjects.holds(row.applies, case)


def _anchor(row: ClosingRequirement) -> str:
    places = {
        Kind.REDRESS: "redress",
        Kind.PARTIES: "parties",
        Kind.FORWARDING: "forwardings",
        Kind.TOLD: "notices",
        Kind.ANSWERED: "reply",
        Kind.TASKS: "tasks",
        Kind.APPROVALS: "approvals",
    }
    if row.kind in places:
        return places[row.kind]
    return f"field-{ {Kind.CATEGORY: f'category-{row.parameter}', Kind.FIELD: row.parameter}.get(row.kind, row.kind) }"


TEXTS: dict[str, Text] = {
    Kind.OUTCOME: _("Choose the outcome."),
    Kind.ROOT_CAUSE: _("Choose the root cause."),
    Kind.CATEGORY: _("Choose a category."),
    Kind.GRADE: _("Set the grade."),
    Kind.ANSWERED: _("Answer the customer."),
    Kind.TOLD: _("Tell the customer the decision, or record why not."),
    Kind.TASKS: _("Finish the open tasks."),
    Kind.APPROVALS: _("Wait for the pending approval."),
    Kind.REDRESS: _("Pay the approved redress."),
    Kind.PARTIES: _("Documents of a representative or agent are missing."),
    Kind.FORWARDING: _("Answer the regulator."),
}


def _default(row: ClosingRequirement, spec: Spec) -> Text:
    field = spec.field(row.parameter) if row.kind == Kind.FIELD else None
    return field.label if field is not None else TEXTS.get(row.kind, row.code)


def _told(case: Case, kind: str) -> bool:
    if case.told == ToldState.EXEMPT and case.not_told_reason:
        return True
    wanted = (kind or CustomerNotice.Kind.DECISION, CustomerNotice.Status.SENT, case.reopened)
    return any((row.kind, row.status, row.round) == wanted for row in case.notices.all())


def answered(case: Case) -> bool:
    """Whether a person answered since the case was opened or last reopened."""
    marks = Mark.objects.filter(case=case, revoked_at=None)
    again = marks.filter(fact=Fact.REOPENED).order_by("-at").values_list("at", flat=True).first()
    rows = marks.filter(fact=Fact.RESPONDED)
    return (rows.filter(at__gte=again) if again else rows).exists()


def _open_tasks(case: Case) -> bool:
    # A reminder of a deadline is no work of its own: it ends with the case.
    return any(row.status == Task.Status.OPEN and row.kind != Task.Kind.ESCALATION for row in case.tasks.all())


def _unpaid(case: Case) -> bool:
    return case.redress.filter(status=Redress.Status.APPROVED, amount__gt=0).exists()


def _unanswered(case: Case) -> bool:
    return case.forwardings.filter(answered_on=None).exists()


CHECKS: dict[str, Callable[[Case, str], bool]] = {
    Kind.OUTCOME: lambda case, _which: bool(case.outcome),
    Kind.ROOT_CAUSE: lambda case, _which: bool(case.root_cause),
    Kind.CATEGORY: lambda case, which: any(row.dimension == which for row in case.categories.all()),
    Kind.GRADE: lambda case, _which: case.grade is not None,
    Kind.FIELD: lambda case, which: case.data.get(which) not in (None, "", []),
    Kind.ANSWERED: lambda case, _which: answered(case),
    Kind.TOLD: _told,
    Kind.TASKS: lambda case, _which: not _open_tasks(case),
    Kind.REDRESS: lambda case, _which: not (case.has("redress") and _unpaid(case)),
    Kind.PARTIES: lambda case, _which: not (case.has("parties") and incomplete(case)),
    Kind.FORWARDING: lambda case, _which: not (case.has("forwardings") and _unanswered(case)),
    Kind.APPROVALS: lambda case, _which: not any(row.status == Approval.Status.PENDING for row in case.approvals.all()),
}
