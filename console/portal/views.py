from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import queries


def contact(request: HttpRequest) -> HttpResponse:
    """Every way in that is open now: only accounts that are active and have a public address."""
    return render(request, "portal/contact.html", {"ways": queries.public_ways_in(), "page": None})
