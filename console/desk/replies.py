"""Answers of acts: a toast with undo, events for the page's scripts, and a way that works without scripts too."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def ascii_json(value: Any) -> str:
    """JSON fit for a header: other letters escaped."""
    return json.dumps(value, ensure_ascii=True, default=str)


def with_events(response: HttpResponse, **events: Any) -> HttpResponse:
    """Let htmx trigger these on the page after the swap; names get the desk: prefix."""
    known = json.loads(response.headers.get("HX-Trigger-After-Settle", "{}"))
    known |= {f"desk:{name.replace('_', '-')}": detail for name, detail in events.items()}
    response["HX-Trigger-After-Settle"] = ascii_json(known)
    return response


def toast(text: Any, undo: str = "", seconds: int = 0, level: str = "") -> dict:
    return {"text": str(text), "undo": undo, "seconds": seconds or (12 if undo else 6), "level": level}


def done(request: HttpRequest, response: HttpResponse, text: Any, undo: str = "", **events: Any) -> HttpResponse:
    """A successful act: the given partial plus toast; other pages refresh what they watch."""
    return with_events(response, toast=toast(text, undo), done=True, **events)


def back_to(request: HttpRequest, url: str, text: Any = "") -> HttpResponse:
    """Without htmx: the words wait for the next page."""
    if text:
        messages.success(request, str(text))
    return HttpResponseRedirect(url)


def away(request: HttpRequest, url: str, text: Any = "") -> HttpResponse:
    """What was open is no longer this reader's to see: the words wait where they are taken to."""
    response = back_to(request, url, text)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=200, headers={"HX-Redirect": url})
    return response


def onward(url: str, target: str = "case-area", **events: Any) -> HttpResponse:
    """Put another page of the desk into a part of this one; what hangs over the page, like an undo, stays."""
    response = HttpResponse()
    response["HX-Location"] = ascii_json({"path": url, "target": f"#{target}", "swap": "innerHTML"})
    response["HX-Trigger"] = ascii_json({f"desk:{name.replace('_', '-')}": it for name, it in events.items()})
    return response
