"""One door for every dialog about a case: show the form, do the act, show what changed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from console.cases.models import Case
from console.cases.services.base import CaseError, Incomplete, demand, who

from .. import acts, queues, replies
from ..access import desk_page, partial
from ..casefile import case_or_404
from ..complaint_forms import RowForm
from .case import live_parts


def act_of(case: Case, name: str) -> acts.Act:
    act = acts.move_act(case, name.removeprefix("move-")) if name.startswith("move-") else acts.ACTS.get(name)
    if act is None:
        raise Http404
    return act


def form_of(request: HttpRequest, case: Case, act: acts.Act) -> Any:
    extra: dict[str, Any] = {}
    if act.name.startswith("move-"):
        extra["code"] = act.name.removeprefix("move-")
    if issubclass(act.form, RowForm):
        extra["row"] = request.GET.get("row", "")
    if act.name == "category":
        extra["dimension"] = request.GET.get("dimension", "")
    if act.name in ("link", "repeat"):
        extra["initial"] = {name: request.GET[name] for name in act.form.base_fields if name in request.GET}
    if act.name == "split":
        extra["entry"] = request.GET.get("entry", "")
    return act.form(request.user, case, request.POST if request.method == "POST" else None, **extra)


def revision_of(request: HttpRequest) -> int | None:
    value = request.POST.get("revision", "")
    return int(value) if value.isdigit() else None


@desk_page("case.view")
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """GET: the dialog. POST: the act; refused with words in the same dialog, nothing typed is lost."""
    case = case_or_404(request.user, number)
    known = act_of(case, name)
    demand(who(request.user), known.permission, case)
    form = form_of(request, case, known)
    if request.method != "POST" or not form.is_valid():
        return dialog(request, case, known, form)
    wanted = acts.Request(request.user, case, form.cleaned_data, revision_of(request), request.GET, form)
    try:
        done = known.run(wanted)
    except CaseError as refusal:
        explain(form, refusal)
        return dialog(request, case, known, form)
    text, undo = (done.text, done.undo) if isinstance(done, acts.Undoable) else (done, "")
    queues.forget_counts(request.user)
    if not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return replies.away(request, reverse("desk:home"), text)  # An interest may hide the case from its own declarer.
    page = reverse("desk:case", args=[number])
    if not partial(request):
        return replies.back_to(request, page, text)
    here = request.htmx.current_url_abs_path or page
    if here.startswith(page.removesuffix(f"{number}/")) and not here.startswith(page):
        return replies.away(request, here, text)  # Done from another case's page, which is read anew.
    return replies.done(request, live_parts(request, number), text, undo)


def explain(form: Any, refusal: CaseError) -> None:
    """Put a refusal where it belongs: beside its field, or above the form with what is allowed."""
    if isinstance(refusal, Incomplete):
        for item in refusal.missing:
            form.add_error(item.code if item.code in form.fields else None, str(item.text))
        return
    words = " ".join(filter(None, [str(refusal.text), str(refusal.allowed)]))
    form.add_error(refusal.field if refusal.field in form.fields else None, words)


def dialog(request: HttpRequest, case: Case, act: acts.Act, form: Any) -> HttpResponse:
    address = reverse("desk:act", args=[case.number, act.name])
    query = request.GET.urlencode()
    warnings = []
    if form.is_bound and int(revision_of(request) or case.revision) != case.revision:
        warnings.append(_("Somebody changed this case while you had it open. Look at the change, then do it again."))
    context = {
        "title": act.title,
        "submit": act.submit,
        "intro": act.intro,
        "form": form,
        "act_url": f"{address}?{query}" if query else address,
        "revision": case.revision,
        "warnings": warnings,
        "section": "queue",
    }
    status = 422 if form.is_bound else 200
    template = "desk/dialogs/act.html" if partial(request) else "desk/dialogs/page.html"
    return render(request, template, context, status=status)
