"""Replying, noting, keeping drafts, and taking a sent word back within ten seconds."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.cases.models import Case
from console.cases.services.base import CaseError
from console.channels.drafts import Refusal, Refused, Upload
from console.channels.models import Delivery
from console.staff.access import can

from .. import composing, nexts, queues, replies, sending, templating
from ..access import desk_page, partial, refused
from ..casefile import case_or_404
from .case import live_parts
from .preferences import YEAR


@desk_page("message.send")
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """GET: recipients and rules of a way to answer. POST: send."""
    case = case_or_404(request.user, number)
    if request.method != "POST":
        form = composing.Reply(request.user, case, request.GET)
        return render(request, "desk/case/recipients.html", {"case": case, "reply": form, "keep_subject": True})
    form = composing.Reply(request.user, case, composing.wishes(request) | request.POST.dict(), request.POST)
    try:
        delivery = sending.send(request.user, case, form, request.POST, uploads(request))
    except Refused as refusal:
        return again(request, case, form, refusal.refusals)
    except CaseError as refusal:
        return again(request, case, form, [Refusal(refusal.code, str(refusal), refusal.allowed)])
    queues.forget_counts(request.user)
    return remembering(request, sent(request, number, delivery))


@desk_page("message.send")
def ways(request: HttpRequest, number: str) -> HttpResponse:
    """The channels and addresses an answer could go over, each with its level and rules."""
    case = case_or_404(request.user, number)
    found = composing.Reply(request.user, case).ways
    return render(request, "desk/case/ways.html", {"case": case, "ways": found})


def sent(request: HttpRequest, number: str, delivery: int) -> HttpResponse:
    """Sent: the case as it stands now, or the next one; either way ten seconds to take it back."""
    then = composing.Then.read(request.POST.get("then", ""))
    onward = nexts.address(request.POST.get("view", ""), number) if then.next else ""
    if not partial(request):
        return replies.back_to(request, onward or reverse("desk:case", args=[number]), _("Sent."))
    undo = reverse("desk:recall", args=[number, delivery])
    words = replies.toast(_("Goes out in %(n)d seconds.") % {"n": composing.UNDO_SECONDS}, undo, composing.UNDO_SECONDS)
    if onward:
        return replies.onward(onward, toast=words)
    case = case_or_404(request.user, number)
    body = form_html(request, case, composing.Reply(request.user, case, composing.wishes(request)))
    response = HttpResponse(body + live_parts(request, number).content.decode())
    return replies.with_events(response, toast=words, to_end={})


def remembering(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if then := request.POST.get("then"):
        value = f"{request.user.pk}.{composing.Then.read(then).code}"
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(composing.THEN_COOKIE, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def uploads(request: HttpRequest) -> list[Upload]:
    return [
        Upload(name=file.name, content=file.read(), content_type=file.content_type or "")
        for file in request.FILES.getlist("files")
    ]


def again(request: HttpRequest, case: Case, form: composing.Reply, refusals: Any) -> HttpResponse:
    """Not sent: the form as it was typed, with why and what would be allowed."""
    form.refusals = list(refusals)
    if partial(request):
        body = form_html(request, case, form)
        if form.overtaken:
            body += live_parts(request, case.number).content.decode()
        return HttpResponse(body, status=422)
    from .case import case_context

    context = case_context(request, case) | {"composer": composing.composer(request.user, case, reply=form)}
    return render(request, "desk/case/page.html", context, status=422)


def form_html(request: HttpRequest, case: Case, form: composing.Reply) -> str:
    made = composing.composer(request.user, case, reply=form)
    context = {"case": case, "composer": made, "view": request.POST.get("view", "")}
    return render_to_string("desk/case/reply.html", context, request)


@require_POST
@desk_page("message.send")
def check(request: HttpRequest, number: str) -> HttpResponse:
    """What the channel refuses of what is typed so far, and before anything is."""
    case = case_or_404(request.user, number)
    form = composing.Reply(request.user, case, typed=request.POST)
    refusals = sending.check(request.user, case, form, request.POST)
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
    sending.give_back(request.user, case, delivery.message.text)
    page, words = reverse("desk:case", args=[number]), _("Taken back; it was not sent.")
    if not partial(request):
        return replies.back_to(request, page, words)
    if not (request.htmx.current_url_abs_path or page).startswith(page):
        return replies.away(request, page, words)
    response = replies.done(request, live_parts(request, number), words)
    return replies.with_events(response, recalled={"text": delivery.message.text})


@require_POST
@desk_page("conversation.note")
def note(request: HttpRequest, number: str) -> HttpResponse:
    """An internal note."""
    case = case_or_404(request.user, number)
    text = request.POST.get("text", "")
    made = composing.Note(text=text)
    try:
        sending.add_note(request.user, case, request.POST)
        made = composing.Note()
    except CaseError as refusal:
        made.error = str(refusal)
    if not partial(request):
        return replies.back_to(request, reverse("desk:case", args=[number]), made.error)
    context = {"case": case, "composer": composing.Composer(False, True, "", note=made)}
    body = render_to_string("desk/case/note.html", context, request)
    if made.error:
        return HttpResponse(body, status=422)
    response = HttpResponse(body + live_parts(request, number).content.decode())
    return replies.with_events(response, toast=replies.toast(_("Note saved.")), to_end={})


@require_POST
@desk_page("message.send", "conversation.note")
def draft(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what is being typed; an empty text forgets it. Answers with what another window had written meanwhile."""
    case = case_or_404(request.user, number)
    needed = "message.send" if kind == "reply" else "conversation.note"
    if kind not in ("reply", "note") or not can(request.user, needed):
        return HttpResponse(status=403)
    return JsonResponse(asdict(sending.keep_draft(request.user, case, kind, request.POST)))


@desk_page("template.view", "message.send")
def template(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A template's text for this case, as plain words to insert."""
    case = case_or_404(request.user, number)
    return HttpResponse(templating.rendered(request.user, case, code), content_type="text/plain; charset=utf-8")
