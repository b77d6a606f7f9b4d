"""The case page and the parts of it that scripts refresh."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.cases import services
from console.cases.models import Case
from console.conversations.models import Entry
from console.plugin_host import extensions
from console.staff.access import can

from .. import composing, helping, here, nexts, particulars, replies, stamps
from ..access import desk_page, partial
from ..casefile import CaseFile, case_or_404
from ..particulars import Particulars


def case_context(request: HttpRequest, case: Case, since: str = "") -> dict[str, Any]:
    file = CaseFile(request.user, case)
    entries, older_url, last = file.entries(since=since)
    view = request.GET.get("view", "") or request.COOKIES.get("huiyin_view", "")
    return {
        "section": "queue",
        "case": case,
        "head": file,
        "entries": entries,
        "older_url": older_url,
        "stamp": file.stamp(last),
        "view": view,
        "next_url": nexts.address(view, case.number),
        "seen": file.newest_entry,
        "here": here.look(case.pk, request.user),
        "skeleton": range(12),
    }


@desk_page("case.view")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The whole page; beside an open queue only the case itself is exchanged."""
    found = case_or_404(request.user, number)
    context = case_context(request, found)
    head = context["head"]
    reply = composing.Reply(
        request.user, found, composing.wishes(request), last=head.last_inbound, seen=head.newest_entry
    )
    context["composer"] = composing.composer(request.user, found, reply)
    if partial(request) and request.htmx.target == "case-area":
        return render(request, "desk/case/swap.html", context)
    return render(request, "desk/case/page.html", context)


@desk_page("case.view")
def side(request: HttpRequest, number: str) -> HttpResponse:
    """Customer and particulars, loaded after the conversation stands."""
    found = case_or_404(request.user, number)
    composing.read(request.user, found)
    context = {"case": found, "side": Particulars(request.user, found), "helped": extensions.exist(*helping.BESIDE)}
    return render(request, "desk/side/loaded.html", context | customer_context(request, found))


def customer_context(request: HttpRequest, case: Case) -> dict[str, Any]:
    from .customer import beside_case

    return beside_case(request.user, case) if case.customer_id and can(request.user, "customer.view") else {}


def live_parts(request: HttpRequest, number: str, oldest: str = "", side: bool = True) -> HttpResponse:
    """Header, timeline and particulars as they are now, each replacing itself."""
    found = case_or_404(request.user, number)
    context = case_context(request, found, since=oldest) | {"oob": True}
    names = ["desk/case/head.html", "desk/case/live.html", "desk/case/timeline.html"]
    if side:
        context["side"] = Particulars(request.user, found)
        names.append("desk/side/particulars.html")
    return HttpResponse("".join(render_to_string(name, context, request) for name in names))


@desk_page("case.view")
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What a page asks for when its stamp is no longer true."""
    return live_parts(request, number, request.GET.get("oldest", ""), side=request.GET.get("side") != "0")


@desk_page("case.view")
def timeline(request: HttpRequest, number: str) -> HttpResponse:
    """Earlier entries, put before those shown."""
    found = case_or_404(request.user, number)
    entries, older_url, _last = CaseFile(request.user, found).entries(before=request.GET.get("before", ""))
    return render(request, "desk/case/entries.html", {"case": found, "entries": entries, "older_url": older_url})


@require_POST
@desk_page("case.work")
def fields(request: HttpRequest, number: str) -> HttpResponse:
    """Save the type's own fields; refused values stay in the form with their reason."""
    found = case_or_404(request.user, number)
    form = particulars.fields_form(found, request.POST, request.user)
    saved = ""
    if form.is_valid():
        revision = request.POST.get("revision", "")
        try:
            services.set_fields(
                found, form.values, request.user, revision=int(revision) if revision.isdigit() else None
            )
            saved, form = _("Saved."), None
        except services.CaseError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    if not partial(request):
        return replies.back_to(request, reverse("desk:case", args=[number]), saved)
    context = {"case": found, "side": Particulars(request.user, found, form, saved)}
    body = render_to_string("desk/side/fields.html", context, request)
    if saved:
        context |= case_context(request, found) | {"oob": True}
        body += "".join(
            render_to_string(name, context, request) for name in ("desk/case/head.html", "desk/case/live.html")
        )
    return HttpResponse(body, status=200 if saved else 422)


def last_entry(user: Any, case: Case) -> int:
    return (
        Entry.objects.filter(conversation__case_links__case=case)
        .not_hidden_from(user)
        .order_by("-at", "-id")
        .values_list("pk", flat=True)
        .first()
        or 0
    )


def stamp_of(user: Any, case: Case) -> str:
    return stamps.case(case, last_entry(user, case))


@desk_page("case.view")
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Every event of the case, newest first, with its codes."""
    from console.events.models import Event

    from ..casefile import lines_of

    found = case_or_404(request.user, number)
    rows = Event.objects.filter(stream=found.stream)
    if before := request.GET.get("before"):
        rows = rows.filter(seq__lt=before) if before.isdigit() else rows
    events = list(rows.order_by("-id")[:201])
    lines = list(reversed(lines_of(events[:200], CaseFile(request.user, found).spec)))
    older = f"?before={events[199].seq}" if len(events) > 200 else ""
    context = {"section": "queue", "case": found, "lines": lines, "older_url": older}
    return render(request, "desk/case/history.html", context)
