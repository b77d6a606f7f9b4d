"""The short way to the webhook door: a provider has no session, language or form, so nothing of those is set up."""

import re
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from . import door
from .services import attempts

HOOK = re.compile(r"/hooks/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/")


class HookMiddleware:
    """Answers `/hooks/<account>/` itself, behind the rules of transport and before everything for people.

    Around everything else it writes down the links that were refused, after their transactions are over.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = HOOK.fullmatch(request.path_info)
        if found:
            return door.receive(request, UUID(found[1]))
        response = self.get_response(request)
        attempts.flush()
        return response
