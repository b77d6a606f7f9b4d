"""A customer's own matters: the list, one of them, and what they may do with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from console.cases.models import Case
from console.channels import vault
from console.events import emit

from .. import forms, matters, posted, promises, queries
from ..models import CustomerSession
from ..services import acting, sessions, submitting, uploads
from ..signed_in import COOKIE, session_key

View = Callable[..., HttpResponse]
LISTED = 100


def for_customers(view: View) -> View:
    """Only with a running session; without one, the way in. What is typed is kept by the page itself."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        session = sessions.current(request.COOKIES.get(COOKIE, ""))
        if session is None:
            return redirect("portal:sign_in")
        if session.case_id and view.__name__ == "home":
            return redirect("portal:matter", number=session.case.number)
        return view(request, session, *args, **options)

    return never_cache(csrf_exempt(guarded))  # every form here carries a token tied to the session


def about_one(view: View) -> View:
    """A matter of this customer by its number; anybody else's is not there."""

    @wraps(view)
    def found(request: HttpRequest, session: CustomerSession, number: str, **options: Any) -> HttpResponse:
        case = matters.mine(session).filter(number=number).first()
        if case is None:
            raise Http404
        return view(request, session, case, **options)

    return for_customers(found)


@for_customers
def home(request: HttpRequest, session: CustomerSession) -> HttpResponse:
    """Every matter with where it stands and the next date promised."""
    rows = list(matters.mine(session).prefetch_related("intervals")[:LISTED])
    items = [
        {
            "case": case,
            "stage": next((stage for stage in matters.stages(case) if stage.now), None),
            "next": next(iter(promises.of_case(case)), None),
        }
        for case in rows
    ]
    return render(request, "portal/my.html", _context(session, items=items))


@about_one
def matter(request: HttpRequest, session: CustomerSession, case: Case) -> HttpResponse:
    """One matter: stages, dates, decision, words, and a box to add something. POST adds."""
    try:
        account = submitting.account_for()
    except submitting.Closed:
        return _matter_page(request, session, case, None, forms.WordsForm())
    if request.method != "POST":
        return _matter_page(request, session, case, _sheet(request, account), forms.WordsForm())
    sheet, form = posted.read(request, account, session_key(request)), forms.WordsForm(request.POST)
    if not form.is_valid() or sheet.problems:
        return _matter_page(request, session, case, sheet, form, 422)
    return _said(request, session, case, sheet, form) or _matter_page(request, session, case, sheet, form, 429)


def _said(
    request: HttpRequest, session: CustomerSession, case: Case, sheet: posted.Sheet, form: Any, purpose: str = ""
) -> HttpResponse | None:
    """Take in words about a matter; None, with the problem on the sheet, when they could not be."""
    if posted.too_often(request, sheet, session.identity.address_hash):
        sheet.problems.append(_("Many forms have come from here in the last hour. Please wait a little, or call us."))
        return None
    try:
        acting.add_words(
            session,
            case,
            sheet.account,
            form.cleaned_data["text"],
            form=sheet.name,
            language=get_language() or "zh-hans",
            purpose=purpose,
            files=uploads.attachments(sheet.files),
        )
    except (DatabaseError, OSError):
        sheet.problems.append(_("We could not take it in just now. Your words are still here: please send again."))
        return None
    response = redirect("portal:matter", number=case.number)
    response["Location"] += "?done=" + (purpose or "said")
    return response


@about_one
def withdraw(request: HttpRequest, session: CustomerSession, case: Case) -> HttpResponse:
    """Take the matter back, after being asked once."""
    return _act(request, session, case, acting.WITHDRAW, forms.ReasonForm, acting.may_withdraw(session, case))


@about_one
def recheck(request: HttpRequest, session: CustomerSession, case: Case) -> HttpResponse:
    """Say why the decision is not right."""
    return _act(request, session, case, acting.RECHECK, forms.WordsForm, acting.may_recheck(session, case))


def _act(
    request: HttpRequest, session: CustomerSession, case: Case, purpose: str, form_class: Any, possible: bool
) -> HttpResponse:
    try:
        account = submitting.account_for()
    except submitting.Closed:
        possible = False
    if not possible:
        return redirect("portal:matter", number=case.number)
    if request.method != "POST":
        sheet, form = _sheet(request, account), form_class()
        return _act_page(request, session, case, purpose, sheet, form)
    sheet, form = posted.read(request, account, session_key(request)), form_class(request.POST)
    if not form.is_valid() or sheet.problems:
        return _act_page(request, session, case, purpose, sheet, form, 422)
    up = purpose == acting.RECHECK and acting.goes_up(case)
    if up:
        # First of all: what they say next then joins the re-check and does not take the old matter up again.
        try:
            acting.ask_superior(session, case, form.cleaned_data["text"])
        except acting.NotNow:
            return redirect("portal:matter", number=case.number)
    if form.cleaned_data["text"] or sheet.files:
        answer = _said(request, session, case, sheet, form, purpose)
        if answer is None and not up:
            return _act_page(request, session, case, purpose, sheet, form, 429)
    try:
        if not up:
            (acting.withdraw if purpose == acting.WITHDRAW else acting.recheck)(session, case)
    except acting.NotNow:
        return redirect("portal:matter", number=case.number)
    response = redirect("portal:matter", number=case.number)
    response["Location"] += f"?done={purpose}"
    return response


@about_one
def file(request: HttpRequest, session: CustomerSession, case: Case, pk: int) -> HttpResponse:
    """A file of theirs, or one we sent them; never run, never guessed, never cached."""
    row = matters.file_of(session, case, pk)
    if row is None:
        raise Http404
    data = {"attachment_id": row.pk, "message_id": row.message_id}
    emit(f"account:{row.message.account_id}", "attachment.opened", data, actor=sessions.actor_of(session))
    response = StreamingHttpResponse(vault.read(row.stored_as), content_type=row.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.name)}"
    response["Content-Length"] = str(row.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _sheet(request: HttpRequest, account: Any) -> posted.Sheet:
    return posted.fresh(account, session_key(request))


def _matter_page(
    request: HttpRequest, session: CustomerSession, case: Case, sheet: Any, form: Any, status: int = 200
) -> HttpResponse:
    context = _context(
        session,
        case=case,
        stages=matters.stages(case),
        promises=promises.of_case(case),
        decision=matters.decision_of(case) if acting.may_read_decision(session, case) else None,
        said=matters.said(session, case),
        may_withdraw=acting.may_withdraw(session, case),
        may_recheck=acting.may_recheck(session, case),
        sheet=sheet,
        form=form,
        done=request.GET.get("done", ""),
    )
    return render(request, "portal/matter.html", context, status=status)


def _act_page(
    request: HttpRequest, session: CustomerSession, case: Case, purpose: str, sheet: Any, form: Any, status: int = 200
) -> HttpResponse:
    context = _context(session, case=case, sheet=sheet, form=form, purpose=purpose)
    return render(request, "portal/act.html", context, status=status)


def _context(session: CustomerSession, **more: Any) -> dict[str, Any]:
    return {"page": None, "session": session, "urgent": queries.urgent_matters(), **more}
