"""What waits for a second person, and deciding it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from console.cases import queries, services
from console.cases.config import spec_of
from console.cases.models import Approval, Case
from console.cases.services.base import CaseError
from console.customers.queries import masked
from console.staff.models import Role

from .. import forms, replies
from ..access import desk_page, partial
from ..present.clocks import ClockLabel, next_clock
from ..present.happenings import Names
from .acts import explain

MOST = 100
TONES = {"approved": "green", "rejected": "red", "cancelled": ""}


@dataclass(frozen=True)
class Asked:
    """A request, ready to show."""

    pk: int
    kind: str
    what: str
    at: datetime
    number: str
    subject: str
    url: str
    customer: str
    asked_by: str
    role: str
    reason: str
    clock: ClockLabel | None
    may_decide: bool
    why_not: str
    decide_url: str
    status: str = ""
    tone: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


def what_of(row: Approval) -> str:
    spec = spec_of(row.case.version)
    return Names(spec, {}, {}).asked(row)


def why_of(row: Approval) -> str:
    """The reason given, and what the step brings along."""
    brought = Names(spec_of(row.case.version), {}, {}).brought(row)
    return "\n".join(filter(None, (row.reason, brought)))


def asked(row: Approval, user: Any, roles: dict[str, str]) -> Asked:
    case = row.case
    mine = services.may_decide(row, user)
    return Asked(
        pk=row.pk,
        kind=row.get_kind_display(),
        what=what_of(row),
        at=timezone.localtime(row.requested_at),
        number=case.number,
        subject=case.subject,
        url=reverse("desk:case", args=[case.number]),
        customer=masked(case.customer, user).name.text if case.customer else "",
        asked_by=row.requested_by.label,
        role=roles.get(row.role, row.role),
        reason=why_of(row),
        clock=next_clock(case.next_clock, case.next_due_at, timezone.now()),
        may_decide=mine and row.status == "pending",
        why_not="" if mine else _why_not(row, user),
        decide_url=reverse("desk:approval", args=[row.pk]),
        status=row.get_status_display(),
        tone=TONES.get(row.status, ""),
        decided_by=row.decided_by.label if row.decided_by else "",
        decided_at=timezone.localtime(row.decided_at) if row.decided_at else None,
    )


def _why_not(row: Approval, user: Any) -> str:
    if user.pk in (row.case.recused or []):
        return _("You have an interest in this matter and keep out of it.")
    return _("You asked for this yourself; another person decides.")


JOINS = ("case__version__type", "case__customer", "requested_by", "decided_by")


def inbox(user: Any) -> dict[str, Any]:
    roles = {row.code: row.label for row in Role.objects.all()}
    waiting = queries.approvals_for(user).select_related(*JOINS).order_by("case__due_key", "requested_at")[:MOST]
    own = Approval.objects.filter(requested_by=user, status="pending").select_related(*JOINS)[:MOST]
    seen = Case.objects.visible_to(user)
    decided = Approval.objects.exclude(status="pending").filter(case__in=seen).select_related(*JOINS)
    return {
        "approvals": [asked(row, user, roles) for row in [*waiting, *own]],
        "decided": [asked(row, user, roles) for row in decided.order_by("-decided_at")[:10]],
        "section": "approvals",
    }


@desk_page("case.approve", "case.extend")
def approvals(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/lists/approvals.html", inbox(request.user))


@desk_page("case.approve")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog of one decision."""
    row = Approval.objects.filter(pk=pk, case__in=Case.objects.visible_to(request.user)).select_related(*JOINS).first()
    if row is None:
        raise Http404
    verdict = request.POST.get("verdict") or request.GET.get("verdict", "approve")
    bound = request.POST if request.method == "POST" else None
    form = forms.VerdictForm(request.user, row.case, bound, initial={"verdict": verdict})
    if bound is not None and form.is_valid():
        try:
            services.decide_approval(row, request.user, verdict == "approve", form.cleaned_data["reason"])
        except CaseError as refusal:
            explain(form, refusal)
        else:
            words = _("Approved.") if verdict == "approve" else _("Rejected.")
            if not partial(request):
                return replies.back_to(request, reverse("desk:approvals"), words)
            response = HttpResponse(status=200)
            response["HX-Redirect"] = reverse("desk:approvals")
            return response
    approving = verdict == "approve"
    context = {
        "title": _("Approve: %(what)s") % {"what": what_of(row)}
        if approving
        else _("Reject: %(what)s") % {"what": what_of(row)},
        "submit": _("Approve") if approving else _("Reject"),
        "form": form,
        "act_url": reverse("desk:approval", args=[pk]),
        "intro": why_of(row),
        "section": "approvals",
    }
    template = "desk/dialogs/act.html" if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)
