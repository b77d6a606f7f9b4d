"""Tasks of the person and their teams, and answering one."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from console.cases import services
from console.cases.models import Case, Task
from console.cases.services.base import CaseError
from console.staff.access import scope_of

from .. import forms, replies
from ..access import desk_page, partial
from ..particulars import task_line
from .acts import explain

MOST = 200


def open_tasks(user: Any) -> Any:
    """Open tasks of this person and of their teams, the most pressing first."""
    teams = scope_of(user, "case.task").teams
    mine = Q(assignee=user) | Q(assignee=None, team__in=sorted(teams))
    rows = Task.objects.filter(mine, status="open", case__in=Case.objects.visible_to(user))
    return rows.select_related("case", "assignee", "team").order_by("due_at", "id")


@desk_page("case.task")
def tasks(request: HttpRequest) -> HttpResponse:
    lines = [task_line(row, request.user, with_case=True) for row in open_tasks(request.user)[:MOST]]
    return render(request, "desk/lists/tasks.html", {"tasks": lines, "section": "tasks"})


@desk_page("case.task")
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer one task."""
    row = Task.objects.filter(pk=pk, case__in=Case.objects.visible_to(request.user)).select_related("case").first()
    if row is None:
        raise Http404
    form = forms.AnswerForm(request.user, row.case, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.finish_task(row, request.user, form.cleaned_data["answer"])
        except CaseError as refusal:
            explain(form, refusal)
        else:
            return answered(request, row)
    context = {
        "title": row.title,
        "intro": row.detail,
        "submit": _("Answer"),
        "form": form,
        "act_url": reverse("desk:task", args=[pk]),
        "section": "tasks",
    }
    template = "desk/dialogs/act.html" if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


def answered(request: HttpRequest, row: Task) -> HttpResponse:
    """Back to where the task was answered from: its case, or the list of tasks."""
    if not partial(request):
        return replies.back_to(request, reverse("desk:tasks"), _("Task answered."))
    here = request.htmx.current_url_abs_path or reverse("desk:tasks")
    return HttpResponse(status=200, headers={"HX-Redirect": here})
