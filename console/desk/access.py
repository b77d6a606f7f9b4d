"""The doors of the desk: who may open a page, and how a refusal from below becomes a sentence on the screen."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from console.cases.services.base import CaseError, NotAllowed
from console.conversations.services import NotAllowed as ConversationRefused
from console.customers.errors import Refusal
from console.staff.access import can

View = Callable[..., HttpResponse]


def partial(request: HttpRequest) -> bool:
    """Whether htmx or a script asked for a part of a page (never true for the browser's own navigation)."""
    return bool(getattr(request, "htmx", False)) and not request.htmx.history_restore_request


def signed_out(request: HttpRequest) -> HttpResponse:
    """A page leads to sign-in; a part answers 401, so that nothing typed is swapped away; a form is kept."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method == "POST":
        from .views import again

        return again.keep(request)
    return redirect_to_login(request.get_full_path())


def refused(request: HttpRequest, text: Any, allowed: Any = "", status: int = 403) -> HttpResponse:
    """A refusal in words: a page of its own, or a header the toast shows."""
    if request.headers.get("HX-Request"):
        return HttpResponse(
            status=status, headers={"X-Reason": quote(" ".join(filter(None, [str(text), str(allowed)])))}
        )
    return render(request, "desk/refused.html", {"text": text, "allowed": allowed}, status=status)


def desk_page(*permissions: str) -> Callable[[View], View]:
    """Guard of a view: signed in, and holding one of the permissions; refusals of services become words."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return signed_out(request)
            if permissions and not any(can(request.user, code) for code in permissions):
                return refused(request, _("Your role does not open this page."), _("Ask your supervisor."))
            try:
                return view(request, *args, **kwargs)
            except (NotAllowed, Refusal) as refusal:
                return refused(request, refusal.text, refusal.allowed)
            except ConversationRefused:
                return refused(
                    request, _("You may not do this in this conversation."), _("Ask a supervisor of its team.")
                )
            except CaseError as refusal:
                return refused(request, refusal.text, refusal.allowed, status=409)

        guarded.permissions = permissions
        return guarded

    return guard
