"""Where the strict content policy cannot hold, and only there.

unfold drives its pages with Alpine (expressions evaluated from attributes) and Wagtail's editor writes inline
styles and scripts. Both are staff-only and same-origin; everything else keeps the policy of
console/settings/security.py.
"""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

# path prefix → directives that replace ours there. "/console/desk/" is ours again.
STRICT_AGAIN = ("/console/desk/",)
# Signing in again happens in a frame over the page one was at; nobody else's page may frame it.
FRAMED = ("/accounts/login/", "/accounts/2fa/authenticate/", "/console/desk/signed-in/")
EXCEPTIONS = {
    "/console/": {
        "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
    },
    "/cms/": {
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    },
} | {path: {"frame-ancestors": [SELF]} for path in FRAMED}

__all__ = ["EXCEPTIONS", "AdminPolicyMiddleware", "exception_for"]


def exception_for(path: str) -> dict | None:
    """Directives that replace the house policy on this path; None where the house policy stands."""
    if path in FRAMED:
        return EXCEPTIONS[path]
    if path.startswith(STRICT_AGAIN):
        return None
    return next((rules for prefix, rules in EXCEPTIONS.items() if path.startswith(prefix)), None)


class AdminPolicyMiddleware:
    """Marks responses of the two foreign admins; csp's own middleware, further out, writes the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if rules := exception_for(request.path_info):
            response._csp_replace = {**rules, **(getattr(response, "_csp_replace", None) or {})}
        if request.path_info in FRAMED:
            response["X-Frame-Options"] = "SAMEORIGIN"
        return response
