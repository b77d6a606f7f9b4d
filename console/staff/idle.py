"""Idle time-out without a database write: when somebody last acted travels in a signed cookie.

The cookie is renewed at most once a minute and only by deeds: a page that refreshes itself sends the header
`X-Background: 1` and keeps nobody signed in.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from console.foundation.crypto import BadSignature, sign, verify

from . import access

COOKIE = "huiyin_seen"
BACKGROUND = "X-Background"
SIGNED_IN_AT = "signed_in_at"
RENEW = 60


def limit_of(user: Any) -> int:
    """Seconds this person may be idle; 0 for no limit. With several roles the shortest counts."""
    minutes = [settings.HUIYIN_IDLE_MINUTES] if settings.HUIYIN_IDLE_MINUTES else []
    minutes += [grant.idle_minutes for grant in access.access_of(user).current() if grant.idle_minutes]
    return min(minutes, default=0) * 60


def last_seen(request: HttpRequest) -> float:
    """When this session last acted: by the cookie, else by its sign-in; 0 for a session that says neither.

    A cookie of another session counts for nothing, so deleting or copying one never prolongs a session.
    """
    try:
        mark, _colon, at = verify("staff.seen", request.COOKIES.get(COOKIE, "")).decode().partition(":")
        if mark == _mark(request):
            return float(at)
    except (BadSignature, ValueError):
        pass
    return float(request.session.get(SIGNED_IN_AT, 0))


def is_idle(request: HttpRequest) -> bool:
    """Whether the session has been idle too long."""
    limit = limit_of(request.user)
    return bool(limit) and last_seen(request) + limit < time.time()


def is_background(request: HttpRequest) -> bool:
    return request.headers.get(BACKGROUND) == "1"


def renew(request: HttpRequest, response: HttpResponse) -> bool:
    """Write the cookie when it is older than a minute. Whether it was written."""
    now = time.time()
    if is_background(request) or now - _cookie_time(request) < RENEW:
        return False
    response.set_cookie(
        COOKIE,
        sign("staff.seen", f"{_mark(request)}:{now:.0f}".encode()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return True


def _cookie_time(request: HttpRequest) -> float:
    return last_seen(request) if request.COOKIES.get(COOKIE) else 0.0


def _mark(request: HttpRequest) -> str:
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()[:16]
