"""Signing in again in the middle of something: what was typed goes with the person through the closed door."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from console.foundation import crypto

from .. import access

MOST = 400_000
HOUR = 3600
# What was typed in one browser is shown in no other.
COOKIE = "huiyin_typed"


@never_cache
@csrf_exempt  # It does nothing: it shows what the same browser sent before, and asks.
def signed_in(request: HttpRequest) -> HttpResponse:
    """GET: the end of a sign-in over another page. POST: what was typed before, ready to be sent."""
    if not request.user.is_authenticated:
        return closed(request) if request.method == "POST" else access.signed_out(request)
    if request.method != "POST":
        return render(request, "desk/signed_in.html")
    return shown(request, request.POST.get("typed", ""))


def closed(request: HttpRequest) -> HttpResponse:
    """Still not signed in: the same page once more."""
    return shown(request, request.POST.get("typed", ""), status=401)


def keep(request: HttpRequest) -> HttpResponse:
    """A form arrived after the session had ended: its fields, sealed for this browser, wait in the page."""
    browser = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(16)
    lists = request.POST.lists()
    fields = [(name, value) for name, values in lists for value in values if name != "csrfmiddlewaretoken"]
    held = [browser, request.get_full_path(), fields, bool(request.FILES)]
    sealed = crypto.encrypt(json.dumps(held).encode()).decode()
    response = render(request, "desk/signed_out.html", context(*held[1:], sealed), status=401)
    response.set_cookie(
        COOKIE, browser, max_age=HOUR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict"
    )
    return response


def shown(request: HttpRequest, sealed: str, status: int = 200) -> HttpResponse:
    try:
        browser, *held = json.loads(crypto.decrypt(sealed[:MOST].encode()))
    except (crypto.DecryptionFailed, ValueError):
        return HttpResponseBadRequest()
    if browser != request.COOKIES.get(COOKIE):
        return HttpResponseBadRequest()
    return render(request, "desk/signed_out.html", context(*held, sealed), status=status)


def context(path: str, fields: list, files: bool, sealed: str) -> dict[str, Any]:
    return {
        "path": path,
        "fields": fields,
        "files": files,
        "typed": sealed,
        "said": [value for name, value in fields if name in ("text", "reason", "subject") and value.strip()],
    }
