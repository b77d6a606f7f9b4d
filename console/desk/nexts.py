"""What comes after a case: the one of the same view that breaches first, without going round in circles.

Cases somebody has just left are passed over for a while, so that *next* leads on even from a case left as it was.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from console.cases import queries
from console.cases.models import Case

from .queues import View

PASSED_COOKIE = "huiyin_passed"
PASSED_SECONDS = 600
MOST_PASSED = 20


def address(view: str, number: str) -> str:
    """Where *next* leads from this case, as a link."""
    return f"{reverse('desk:next')}?{urlencode({'view': view, 'after': number})}"


def next_case(user: Any, view: View, after: str, passed: list[str] | None = None) -> Case | None:
    """The most pressing case of the view but `after`; those passed over come again when nothing else is left."""
    rows = view.rows(user).exclude(number=after)
    sort = view.sort if view.sort == "-resolved" else "due"
    found = queries.page(rows.exclude(number__in=passed), sort, limit=1).rows if passed else []
    found = found or queries.page(rows, sort, limit=1).rows
    return found[0] if found else None


def passed_over(request: HttpRequest) -> list[str]:
    """The numbers of the cases left a moment ago on this device."""
    return [number for number in request.COOKIES.get(PASSED_COOKIE, "").split(".") if number][-MOST_PASSED:]


def pass_over(response: HttpResponse, passed: list[str], number: str) -> None:
    left = [*(one for one in passed if one != number), number][-MOST_PASSED:]
    response.set_cookie(PASSED_COOKIE, ".".join(left), max_age=PASSED_SECONDS, samesite="Lax", httponly=True)
