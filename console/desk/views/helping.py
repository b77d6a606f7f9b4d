"""What plugins add to a case page, asked for after the page stands."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from .. import helping
from ..access import desk_page
from ..casefile import case_or_404


@desk_page("case.view")
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Cards of plugins, and the classifications they suggest."""
    found = case_or_404(request.user, number)
    return render(request, "desk/side/beside.html", {"case": found, "beside": helping.beside(request.user, found)})


@desk_page("message.send")
def writing(request: HttpRequest, number: str) -> HttpResponse:
    """Drafts and articles for somebody who writes a reply: the whole dialog, or its list for other words."""
    found = case_or_404(request.user, number)
    context = {"case": found, "writing": helping.writing(request.user, found, request.GET.get("q", ""))}
    part = "q" in request.GET and request.headers.get("HX-Target") == "writing-found"
    return render(request, "desk/dialogs/writing_found.html" if part else "desk/dialogs/writing.html", context)


@desk_page()
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page a plugin adds to the hub; who may open it is asked of the plugin's own declaration."""
    query = request.GET.get("q", "")
    found = helping.page(request.user, slug, query)
    if found is None:
        raise Http404
    title, cards = found
    return render(request, "desk/lists/plugin.html", {"section": slug, "title": title, "cards": cards, "typed": query})
