"""The contact form in three steps: what it is about, the words, the receipt."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from console.cases.config import Spec
from console.cases.queries import case_of_envelope
from console.channels.models import Envelope
from console.customers.masks import mask_address
from console.plugin_api.submissions import Submission

from .. import forms, posted, promises, queries, tokens
from ..models import CustomerSession
from ..services import sessions, submitting, uploads
from ..signed_in import COOKIE


def choose(request: HttpRequest) -> HttpResponse:
    """Urgent matters first, then what one may write about, then every other way in."""
    try:
        submitting.account_for()
        types = queries.offered_types()
    except submitting.Closed:
        types = []
    context = {"ways": queries.public_ways_in(), "types": types, "urgent": queries.urgent_matters(), "page": None}
    return render(request, "portal/contact.html", context | {"from": request.META.get("QUERY_STRING", "")[:300]})


@csrf_exempt  # the form carries a signed token of its own, which survives what a session does not
@never_cache
def write(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one type: shown, or taken in."""
    spec = queries.offered(code)
    if spec is None:
        return redirect("portal:contact")
    try:
        account = submitting.account_for(request.GET.get("at", "")[:60])
    except submitting.Closed:
        return redirect("portal:contact")
    # Somebody signed in has said already where we answer.
    form_class = forms.WordsForm if _customer(request) else forms.ContactForm
    if request.method != "POST":
        return _form_page(request, spec, posted.fresh(account), form_class(), forms.type_form(spec))
    sheet = posted.read(request, account)
    form, asked = form_class(request.POST), forms.type_form(spec, request.POST)
    fine = all([form.is_valid(), asked.is_valid()])
    if fine and not sheet.problems:
        return _take_in(request, spec, sheet, form, asked)
    return _form_page(request, spec, sheet, form, asked, 422)


def _take_in(request: HttpRequest, spec: Spec, sheet: posted.Sheet, form: Any, asked: Any) -> HttpResponse:
    who = sender_of(request, form)
    sender = who.get("email") or who.get("phone") or ""
    if posted.too_often(request, sheet, sender):
        sheet.problems.append(_("Many forms have come from here in the last hour. Please wait a little, or call us."))
        return _form_page(request, spec, sheet, form, asked, 429)
    try:
        envelope = submitting.submit(sheet.account, submission_of(request, spec, sheet, form, asked))
    except (DatabaseError, OSError):
        sheet.problems.append(_("We could not take it in just now. Your words are still here: please send again."))
        return _form_page(request, spec, sheet, form, asked, 503)
    return redirect("portal:received", token=tokens.make_receipt(f"{envelope.public_ref}:{spec.type.code}"))


def submission_of(request: HttpRequest, spec: Spec, sheet: posted.Sheet, form: Any, asked: Any) -> Submission:
    """Everything the customer said, as it is stored."""
    data = form.cleaned_data
    label = spec.version.asked_label
    return Submission(
        form=sheet.name,
        text=data["text"],
        **sender_of(request, form),
        subject=_("%(type)s: %(subject)s") % {"type": label, "subject": forms.subject_of(data["text"])},
        case_type=spec.type.code,
        language=get_language() or "zh-hans",
        page=request.GET.get("from", "")[:300],
        suspicion=sheet.suspicion,
        answers=forms.answers(asked),
        files=uploads.attachments(sheet.files),
    )


def sender_of(request: HttpRequest, form: Any) -> dict[str, str]:
    """Who writes: as typed, or as proven by the code they signed in with."""
    session = _customer(request)
    if session is None:
        return {name: form.cleaned_data.get(name, "") for name in ("name", "email", "phone")}
    identity = session.identity
    until = session.expires_at.isoformat()
    return {identity.channel_kind: identity.address, "proven_kind": identity.channel_kind, "proven_until": until}


def _customer(request: HttpRequest) -> CustomerSession | None:
    """The signed-in customer, asked once for a request; one who follows a single case has no say beyond it."""
    if not hasattr(request, "portal_customer"):
        session = sessions.current(request.COOKIES.get(COOKIE, ""))
        request.portal_customer = session if session is not None and not session.case_id else None
    return request.portal_customer


def _form_page(
    request: HttpRequest, spec: Spec, sheet: posted.Sheet, form: Any, asked: Any, status: int = 200
) -> HttpResponse:
    context = {"spec": spec, "sheet": sheet, "form": form, "asked": asked, "page": None, "trap": posted.TRAP_FIELD}
    context["urgent"] = queries.urgent_matters()
    if session := _customer(request):
        context["answer_to"] = mask_address(session.identity.channel_kind, session.identity.address)
    return render(request, "portal/write.html", context, status=status)


@never_cache
def received(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt: the reference at once, the case number when somebody has read the form, and what happens next."""
    try:
        reference, _colon, code = tokens.read_receipt(token).partition(":")
        envelope = Envelope.objects.get(public_ref=reference)
    except (tokens.BadToken, Envelope.DoesNotExist):
        raise Http404 from None
    case = case_of_envelope(envelope)
    dates = promises.of_case(case) if case else promises.before_there_is_a_case(code, envelope.reached_at)
    context = {"envelope": envelope, "case": case, "promises": dates, "page": None}
    return render(request, "portal/received.html", context)
