"""What holds for every request of a member of staff, whichever door it came through."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from console.events import acting_as

from . import idle, presence
from .access import as_actor
from .second_factor import Proof, proof_of

Response = Callable[[HttpRequest], HttpResponse]
# The hub and the editor follow the language of the account; public pages have theirs in the address.
OWN_LANGUAGE = ("/console/", "/cms/", "/accounts/")
# What somebody may still do who has to set up a second factor: exactly that, and leave.
SETTING_UP = ("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/", "/accounts/language/")
OPEN = ("/static/", "/media/", "/healthz", "/readyz", "/metrics", "/hooks/")


class StaffMiddleware:
    """Idle time-out, second factor, language and time zone, the actor of events; no query of its own."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._is_staff(request):
            with _chosen_language(request):
                return signed_out(request, self.get_response(request))
        refusal = self._refusal(request)
        if refusal is not None:
            # A form sent too late goes on as a stranger's: its page keeps what was typed and asks to sign in.
            late = request.method == "POST" and wants_page(request) and not request.user.is_authenticated
            return self.get_response(request) if late else refusal
        with _own_language(request), acting_as(as_actor(request.user)):
            response = self.get_response(request)
        if request.user.is_authenticated and idle.renew(request, response):
            presence.touch(request.user.pk)
        return signed_out(request, response)

    @staticmethod
    def _is_staff(request: HttpRequest) -> bool:
        """Asks for the user only when there is a staff session: public pages stay without a query."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path_info.startswith(OPEN):
            return False
        return request.user.is_authenticated

    @staticmethod
    def _refusal(request: HttpRequest) -> HttpResponse | None:
        if idle.is_idle(request):
            return _sign_in_again(request, _("You were signed out because nothing happened for a while."))
        proof = proof_of(request)
        if proof is Proof.UNPROVEN:
            return _sign_in_again(request, _("Sign in with your second factor."))
        if proof is Proof.MISSING and not request.path_info.startswith(SETTING_UP):
            return _set_up(request)
        return None


def _own_language(request: HttpRequest):
    if not request.path_info.startswith(OWN_LANGUAGE):
        return nullcontext()
    request.LANGUAGE_CODE = request.user.language
    timezone.activate(request.user.time_zone)
    return translation.override(request.user.language)


def _chosen_language(request: HttpRequest):
    """Before sign-in: what was chosen there last, else what the browser asks for. Django looks at neither here,
    because the customer's pages speak Chinese wherever the address has no language in it."""
    if not request.path_info.startswith(OWN_LANGUAGE):
        return nullcontext()
    request.LANGUAGE_CODE = translation.get_language_from_request(request)
    return translation.override(request.LANGUAGE_CODE)


def wants_page(request: HttpRequest) -> bool:
    """Whether a browser asked for a whole page, so that sending it elsewhere makes sense."""
    return not (request.path_info.startswith("/api/") or request.headers.get("HX-Request") == "true")


def _sign_in_again(request: HttpRequest, text: str) -> HttpResponse:
    logout(request)
    if not wants_page(request):
        return _problem(401, "signed_out", text)
    messages.info(request, text)
    query = {"next": request.get_full_path()} if request.method == "GET" else {}
    address = reverse("account_login")
    response = redirect(f"{address}?{urlencode(query)}" if query else address)
    response.delete_cookie(idle.COOKIE)
    return response


def _set_up(request: HttpRequest) -> HttpResponse:
    text = _("Your role needs a second factor. Set one up to go on.")
    if not wants_page(request):
        return _problem(403, "second_factor_missing", text)
    messages.warning(request, text)
    return redirect("mfa_index")


def _problem(status: int, code: str, text: str) -> HttpResponse:
    body = {"type": f"urn:huiyin:problem:{code}", "title": code, "status": status, "detail": text}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def signed_out(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A partial update that would be sent to the sign-in page gets a plain 401, so nothing typed is replaced."""
    sent_away = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    if sent_away and request.headers.get("HX-Request") == "true":
        return _problem(401, "signed_out", _("You are signed out."))
    return response
