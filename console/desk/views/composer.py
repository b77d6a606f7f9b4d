"""Replying, noting, keeping drafts, and taking a sent word back within ten seconds."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.cases import services
from console.cases.models import Case
from console.cases.services.base import CaseError
from console.channels.drafts import Refusal, Refused, Upload
from console.channels.models import Delivery
from console.staff.access import can

from .. import composing, queues, replies, sending, templating
from ..access import desk_page, partial, refused
from ..casefile import case_or_404
from .case import live_parts


@desk_page("message.send")
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the recipients of a reply or a reply to all. POST: send."""
    case = case_or_404(request.user, number)
    if request.method != "POST":
        form = composing.Reply(request.user, case, request.GET.get("mode", ""))
        return render(request, "desk/case/recipients.html", {"case": case, "reply": form})
    form = composing.Reply(request.user, case, request.POST.get("mode", ""), request.POST)
    try:
        delivery = sending.send(request.user, case, form, request.POST, uploads(request))
    except Refused as refusal:
        return again(request, case, form, refusal.refusals)
    except CaseError as refusal:
        return again(request, case, form, [Refusal(refusal.code, str(refusal), refusal.allowed)])
    queues.forget_counts(request.user)
    if not partial(request):
        return replies.back_to(request, reverse("desk:case", args=[number]), _("Sent."))
    case = case_or_404(request.user, number)
    body = form_html(request, case, composing.Reply(request.user, case))
    response = HttpResponse(body + live_parts(request, number).content.decode())
    undo = reverse("desk:recall", args=[number, delivery.pk])
    words = replies.toast(_("Goes out in %(n)d seconds.") % {"n": composing.UNDO_SECONDS}, undo, composing.UNDO_SECONDS)
    return replies.with_events(response, toast=words, to_end={})


def uploads(request: HttpRequest) -> list[Upload]:
    return [
        Upload(name=file.name, content=file.read(), content_type=file.content_type or "")
        for file in request.FILES.getlist("files")
    ]


def again(request: HttpRequest, case: Case, form: composing.Reply, refusals: Any) -> HttpResponse:
    """Not sent: the form as it was typed, with why and what would be allowed."""
    form.refusals = list(refusals)
    if partial(request):
        return HttpResponse(form_html(request, case, form), status=422)
    from .case import case_context

    context = case_context(request, case) | {"composer": composing.composer(request.user, case, reply=form)}
    return render(request, "desk/case/page.html", context, status=422)


def form_html(request: HttpRequest, case: Case, form: composing.Reply) -> str:
    context = {"case": case, "composer": composing.composer(request.user, case, reply=form)}
    return render_to_string("desk/case/reply.html", context, request)


@require_POST
@desk_page("message.send")
def check(request: HttpRequest, number: str) -> HttpResponse:
    """What the channel refuses of what is typed so far."""
    case = case_or_404(request.user, number)
    form = composing.Reply(request.user, case, request.POST.get("mode", ""), request.POST)
    refusals = sending.check(request.user, case, form, request.POST) if form.text.strip() else []
    return render(request, "desk/case/refusals.html", {"refusals": refusals})


@require_POST
@desk_page("message.send")
def recall(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Undo: the delivery is taken back while it still waits, and its text returns to the box."""
    case = case_or_404(request.user, number)
    rows = Delivery.objects.filter(message__entry__conversation__case_links__case=case)
    delivery = rows.not_hidden_from(request.user).select_related("message").filter(pk=pk).first()
    if delivery is None or not sending.recall(request.user, delivery):
        return refused(request, _("It has gone out already."), _("Write again to correct it."), status=409)
    if not partial(request):
        return replies.back_to(request, reverse("desk:case", args=[number]), _("Taken back; it was not sent."))
    response = replies.done(request, live_parts(request, number), _("Taken back; it was not sent."))
    return replies.with_events(response, recalled={"text": delivery.message.text})


@require_POST
@desk_page("conversation.note")
def note(request: HttpRequest, number: str) -> HttpResponse:
    """An internal note."""
    case = case_or_404(request.user, number)
    text = request.POST.get("text", "")
    made = composing.Note(text=text)
    try:
        services.add_note(case, text, request.user)
        made = composing.Note()
    except CaseError as refusal:
        made.error = str(refusal)
    if not partial(request):
        return replies.back_to(request, reverse("desk:case", args=[number]), made.error)
    if not made.error:
        sending.forget_draft(request.user, case, "note")
    context = {"case": case, "composer": composing.Composer(False, True, "", note=made)}
    body = render_to_string("desk/case/note.html", context, request)
    if made.error:
        return HttpResponse(body, status=422)
    response = HttpResponse(body + live_parts(request, number).content.decode())
    return replies.with_events(response, toast=replies.toast(_("Note saved.")), to_end={})


@require_POST
@desk_page("message.send", "conversation.note")
def draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what is being typed; an empty text forgets it."""
    case = case_or_404(request.user, number)
    needed = "message.send" if kind == "reply" else "conversation.note"
    if kind not in ("reply", "note") or not can(request.user, needed):
        return HttpResponse(status=403)
    sending.keep_draft(request.user, case, kind, request.POST)
    return HttpResponse(status=204)


@desk_page("template.view", "message.send")
def template(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A template's text for this case, as plain words to insert."""
    case = case_or_404(request.user, number)
    return HttpResponse(templating.rendered(request.user, case, code), content_type="text/plain; charset=utf-8")
