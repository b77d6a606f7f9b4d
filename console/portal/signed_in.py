"""Who a customer is on these pages: a token in a cookie of its own, never Django's session, never a member of staff."""

from __future__ import annotations

from django.http import HttpRequest

from console.foundation.crypto import keyed_hash

COOKIE = "huiyin_my"


def token_hash(token: str) -> str:
    return keyed_hash(token, "portal-session")


def session_key(request: HttpRequest) -> str:
    """What ties forms to this customer's session; empty for a visitor."""
    token = request.COOKIES.get(COOKIE, "")
    return token_hash(token)[:24] if token else ""
