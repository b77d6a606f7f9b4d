"""Signing in: an address, a code, and out again; following one case; and what to do when number or address are lost."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from console.plugin_api.submissions import Submission

from .. import forms, limits, posted, queries, tokens
from ..models import Challenge, PortalPolicy, Purpose
from ..services import acting, codes, sessions, submitting
from ..signed_in import COOKIE

ASKED = "huiyin_code"  # which code is waited for; names no address


@csrf_exempt  # the code's cookie is same-site, so no other page can finish what this one begins
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """An address; the answer is the same whoever it belongs to."""
    form = forms.AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, form, Purpose.SIGN_IN, "portal/sign_in.html")
    return _page(request, "portal/sign_in.html", form)


@csrf_exempt
@never_cache
def follow(request: HttpRequest) -> HttpResponse:
    """A number and the address it came from."""
    form = forms.FollowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, form, Purpose.FOLLOW, "portal/follow.html", form.cleaned_data["number"])
    return _page(request, "portal/follow.html", form)


@csrf_exempt
@never_cache
def lost(request: HttpRequest) -> HttpResponse:
    """Number or address lost: the request is stored at once; proving the new address follows."""
    try:
        account = submitting.account_for()
    except submitting.Closed:
        return redirect("portal:contact")
    if request.method != "POST":
        return _page(request, "portal/lost.html", forms.ChangeForm(), sheet=posted.fresh(account))
    sheet, form = posted.read(request, account), forms.ChangeForm(request.POST)
    if not form.is_valid() or sheet.problems:
        return _page(request, "portal/lost.html", form, 422, sheet=sheet)
    if posted.too_often(request, sheet, form.cleaned_data["address"]):
        sheet.problems.append(_("Many forms have come from here in the last hour. Please wait a little, or call us."))
        return _page(request, "portal/lost.html", form, 429, sheet=sheet)
    return _change(request, sheet, form)


def _change(request: HttpRequest, sheet: posted.Sheet, form: forms.ChangeForm) -> HttpResponse:
    data, type_code = form.cleaned_data, sheet.policy.change_type
    submission = Submission(
        form=sheet.name,
        text=data["text"],
        name=data["name"],
        subject=_("Changed address: please check who it is"),
        case_type=type_code,
        purpose=acting.CHANGE,
        language=get_language() or "zh-hans",
        suspicion=sheet.suspicion,
        **{form.kind: data["address"]},
    )
    try:
        envelope = submitting.submit(sheet.account, submission)
    except (DatabaseError, OSError):
        sheet.problems.append(_("We could not take it in just now. Your words are still here: please send again."))
        return _page(request, "portal/lost.html", form, 503, sheet=sheet)
    receipt = redirect("portal:received", token=tokens.make_receipt(f"{envelope.public_ref}:{type_code}"))
    if codes.account_for(form.kind) is None or sheet.suspicion:
        return receipt
    try:
        return _asked(_challenge(request, form, Purpose.CHANGE, f"{sheet.name}:{envelope.public_ref}"))
    except codes.TooOften:
        return receipt


def _challenge(request: HttpRequest, form: Any, purpose: str, case_ref: str) -> Challenge:
    return codes.ask(
        purpose,
        form.kind,
        form.cleaned_data["address"],
        network=limits.network_of(request),
        language=get_language() or "zh-hans",
        case_ref=case_ref,
    )


def _ask(request: HttpRequest, form: Any, purpose: str, template: str, case_ref: str = "") -> HttpResponse:
    try:
        return _asked(_challenge(request, form, purpose, case_ref))
    except codes.TooOften:
        form.add_error(None, _("Many codes have been asked for. Please wait an hour, or call us."))
        return _page(request, template, form, 429)


def _asked(challenge: Challenge) -> HttpResponse:
    response = redirect("portal:code")
    response.set_cookie(ASKED, challenge.uid.hex, 3600, **_manners(response))
    return response


@csrf_exempt
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The six digits. A wrong one and one nobody was sent look the same."""
    uid = _uid(request)
    if uid is None:
        return redirect("portal:sign_in")
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if limits.over("code-try", limits.network_of(request), PortalPolicy.current().codes_per_network * 5):
            form.add_error("code", _("Too many tries. Please wait an hour, or call us."))
        elif (challenge := codes.prove(uid, form.cleaned_data["code"])) is not None:
            return _proven(request, challenge)
        else:
            form.add_error("code", _("This code is not right, or its time is over. You can ask for a new one."))
    return _page(request, "portal/code.html", form, minutes=PortalPolicy.current().code_minutes)


def _proven(request: HttpRequest, challenge: Challenge) -> HttpResponse:
    if challenge.purpose == Purpose.CHANGE:
        response = _changed(challenge)
    else:
        response = redirect("portal:my")
        if challenge.case is not None:
            response = redirect("portal:matter", number=challenge.case.number)
        token = sessions.begin(challenge)
        response.set_cookie(COOKIE, token, **_manners(response, request.is_secure()))
    response.delete_cookie(ASKED, samesite="Lax")
    return response


def _changed(challenge: Challenge) -> HttpResponse:
    """The proof joins the request it belongs to."""
    name, _colon, reference = challenge.case_ref.partition(":")
    proof = Submission(
        form=name,
        text=_("The new address has been proven by a one-time code."),
        subject=_("Changed address: please check who it is"),
        purpose=acting.CHANGE,
        language=challenge.language,
        proven_kind=challenge.kind,
        proven_until=challenge.expires_at.isoformat(),
        **{challenge.kind: challenge.address},
    )
    # The form may have been closed meanwhile: the request itself is safe.
    with suppress(submitting.Closed):
        submitting.submit(submitting.account_for(), proof)
    return redirect("portal:received", token=tokens.make_receipt(f"{reference}:{PortalPolicy.current().change_type}"))


@csrf_exempt  # leaving needs no proof, and the cookie is same-site
def leave(request: HttpRequest) -> HttpResponse:
    session = sessions.current(request.COOKIES.get(COOKIE, ""))
    if request.method == "POST" and session is not None:
        sessions.end(session)
    response = redirect("portal:my")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _uid(request: HttpRequest) -> UUID | None:
    try:
        return UUID(hex=request.COOKIES.get(ASKED, ""))
    except ValueError:
        return None


def _manners(response: HttpResponse, secure: bool | None = None) -> dict[str, Any]:
    from django.conf import settings

    return {"secure": settings.HTTPS if secure is None else secure, "httponly": True, "samesite": "Lax"}


def _page(request: HttpRequest, template: str, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    if form.errors and status == 200:
        status = 422
    context = {"form": form, "page": None, "urgent": queries.urgent_matters(), **more}
    return render(request, template, context, status=status)
