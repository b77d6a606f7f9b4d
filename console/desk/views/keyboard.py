"""All keys, in a dialog; and the page on which each can be changed or switched off."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from console.staff.services import set_preferences

from .. import keys as board
from .. import replies, shell
from ..access import desk_page, partial


@desk_page()
def keys(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return save(request)
    return dialog(request) if partial(request) else page(request, board.keys_of(request.user), {})


def dialog(request: HttpRequest) -> HttpResponse:
    """What this person's keys do, and where `g` leads."""
    own = board.keys_of(request.user)
    lines = [(board.parts(own[action.code]), action.label) for action in board.ACTIONS if own[action.code]]
    frame = shell.of(request)
    places = [(item.key, item.label) for item in (*frame.items, *frame.tools) if item.key]
    return render(request, "desk/dialogs/keys.html", {"lines": lines, "go": own["go"], "places": places})


def page(request: HttpRequest, typed: dict[str, str], problems: dict[str, str]) -> HttpResponse:
    lines: list[dict[str, Any]] = [
        {"action": action, "key": typed[action.code], "problem": problems.get(action.code, "")}
        for action in board.ACTIONS
    ]
    changed = bool(request.user.key_bindings)
    context = {"lines": lines, "changed": changed, "longest": board.LONGEST, "problems": problems}
    return render(request, "desk/keys.html", context, status=422 if problems else 200)


def save(request: HttpRequest) -> HttpResponse:
    """All or nothing: while one key is refused, none is changed."""
    here = reverse("desk:keys")
    if request.POST.get("do") == "reset":
        set_preferences(request.user, key_bindings={})
        return replies.back_to(request, here, _("The keys are as shipped."))
    typed = board.keys_of(request.user)
    typed |= {code: request.POST[f"key-{code}"] for code in typed if f"key-{code}" in request.POST}
    own, problems = board.choose(typed)
    if problems:
        return page(request, typed, problems)
    set_preferences(request.user, key_bindings=own)
    return replies.back_to(request, here, _("Keys saved."))
