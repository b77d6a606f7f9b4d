"""Public pages that are not Wagtail pages: search."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from . import search, services

MAX_QUERY = 200


def search_page(request: HttpRequest) -> HttpResponse:
    """Results for ?q=, best first; without a query, the empty form."""
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    found = search.find(query) if query else []
    context = {"query": query, "found": found, "page": services.home_in(get_language() or "zh-hans")}
    return render(request, "cms/search.html", context)


def nothing_here(request: HttpRequest) -> HttpResponse:
    """In place of a page that is for Wagtail's own developers."""
    raise Http404
