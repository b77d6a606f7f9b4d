"""The queue: a view's rows, the search's finds, and the narrow pane beside an open case."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from console.cases import queries
from console.staff.access import can, scope_of

from .. import finding, nexts, people, queues, replies, stamps
from ..access import desk_page, partial
from ..present.rows import rows

ROWS, MOST_ROWS = 50, 200
CHOICE_COOKIE = "huiyin_view"


def wanted(request: HttpRequest) -> queues.View:
    """The view of the address, else the last one used on this device."""
    return queues.view_of(views_of(request), request.GET.get("view") or request.COOKIES.get(CHOICE_COOKIE, ""))


def views_of(request: HttpRequest) -> list[queues.View]:
    """The reader's views, read once for a request."""
    if not hasattr(request, "_desk_views"):
        request._desk_views = queues.views_of(request.user)
    return request._desk_views


def listed(request: HttpRequest, view: queues.View) -> dict[str, Any]:
    """One page of a view, for the template."""
    page = queries.page(view.rows(request.user), view.sort, request.GET.get("after", ""), rows_wanted(request))
    found, cursor = page.rows, page.next
    names = people.names_of(request.user, found)
    here = reverse("desk:home")
    return {
        "view": view.code,
        "view_label": view.label,
        "rows": rows(found, names, view.code),
        "more_url": f"{here}?{urlencode({'view': view.code, 'after': cursor})}" if cursor else "",
        "empty_words": view.empty,
        "nothing_allowed": scope_of(request.user, "case.view").nothing,
        "stamp": stamps.queue(found[:ROWS]),
        "refresh_url": f"{here}?{urlencode({'view': view.code})}",
        "may_bulk": can(request.user, "case.mark"),
    }


def rows_wanted(request: HttpRequest) -> int:
    """A list that is read anew keeps the pages somebody went on to, up to a bound."""
    shown = request.GET.get("shown", "")
    return min(max(int(shown), ROWS), MOST_ROWS) if shown.isdecimal() and len(shown) < 6 else ROWS


@desk_page("case.view")
def home(request: HttpRequest) -> HttpResponse:
    """The whole list, or the part a script asks for: further rows, or the rows anew."""
    query = request.GET.get("q", "").strip()
    if query:
        return search(request, query)
    view = wanted(request)
    context = listed(request, view)
    if partial(request):
        return render(request, "desk/queue/rows.html" if "after" in request.GET else "desk/queue/list.html", context)
    context |= frame(request, view.code)
    response = render(request, "desk/queue/page.html", context)
    response.set_cookie(CHOICE_COOKIE, view.code, samesite="Lax", httponly=True)
    return response


def frame(request: HttpRequest, view: str) -> dict[str, Any]:
    tabs = queues.tabs_of(request.user, views_of(request), view)
    return {
        "section": "queue",
        "tabs": tabs,
        "more_views": sum(tab.more for tab in tabs),
        "colleagues": people.colleagues(request.user) if can(request.user, "case.assign") else [],
        "may_open": can(request.user, "case.open"),
        "may_whole": can(request.user, "case.bulk"),
        "most_whole": MOST_ROWS,
    }


def search(request: HttpRequest, query: str) -> HttpResponse:
    """Case number: straight there. Else customers by exact identifier, and cases by the words in them."""
    found = finding.find(request.user, query)
    if found.exact:
        return redirect("desk:case", found.exact.number)
    names = people.names_of(request.user, found.cases)
    context = {
        "query": query,
        "view": "",
        "view_label": _("Search"),
        "rows": rows(found.cases, names, snippets=found.snippets),
        "customers": found.customers,
        "may_bulk": can(request.user, "case.mark"),
    }
    if partial(request):
        return render(request, "desk/queue/list.html", context)
    return render(request, "desk/queue/page.html", context | frame(request, ""))


@desk_page("case.view")
def pane(request: HttpRequest) -> HttpResponse:
    """The same rows, narrow, beside an open case."""
    view = wanted(request)
    context = listed(request, view)
    context |= {
        "tabs": queues.tabs_of(request.user, views_of(request), view.code),
        "current": request.GET.get("current", ""),
        "list_url": f"{reverse('desk:home')}?view={view.code}",
        "refresh_url": f"{reverse('desk:pane')}?{urlencode({'view': view.code, 'part': 'list'})}",
        "pane": True,
        "may_bulk": False,
    }
    if context["more_url"]:
        context["more_url"] = context["more_url"].replace(reverse("desk:home"), reverse("desk:pane"))
    if "after" in request.GET:
        return render(request, "desk/queue/rows.html", context)
    return render(request, "desk/queue/list.html" if request.GET.get("part") else "desk/queue/pane.html", context)


@desk_page("case.view")
def follow(request: HttpRequest) -> HttpResponse:
    """On to the case of the view that breaches first; back to the list, with a word, when nothing is left."""
    view, after = wanted(request), request.GET.get("after", "").upper()[:24]
    passed = nexts.passed_over(request)
    found = nexts.next_case(request.user, view, after, passed)
    if found is None:
        return replies.away(request, f"{reverse('desk:home')}?view={view.code}", _("Nothing else waits in this view."))
    response = redirect(f"{reverse('desk:case', args=[found.number])}?{urlencode({'view': view.code})}")
    if after:
        nexts.pass_over(response, passed, after)
    return response
