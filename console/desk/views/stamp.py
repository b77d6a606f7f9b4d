"""The cheap question of every open page: is what I show still true?"""

from typing import Any

from django.http import HttpRequest, JsonResponse

from console.cases import queries
from console.cases.models import Case

from .. import here, queues, stamps
from ..access import desk_page
from .case import stamp_of

MOST_PARTS = 4


def queue_stamp(request: HttpRequest, code: str) -> str:
    view = queues.view_of(queues.views_of(request.user), code)
    return stamps.queue(queries.page(view.rows(request.user), view.sort).rows)


def case_stamp(request: HttpRequest, number: str) -> str:
    """Asking says that one is here, and perhaps writing; the answer carries the others along."""
    case = Case.objects.visible_to(request.user).filter(number=number).first()
    if case is None:
        return ""
    request.here = here.look(case.pk, request.user, request.GET.get("writing", ""))
    return stamp_of(request.user, case)


PARTS = {"queue": queue_stamp, "case": case_stamp}


@desk_page("case.view")
def stamp(request: HttpRequest) -> JsonResponse:
    """Stamps of the parts asked for, like `?part=case:HY-2026-000001&part=queue:mine`; "here" is who else looks."""
    answer: dict[str, Any] = {}
    for part in request.GET.getlist("part")[:MOST_PARTS]:
        kind, _sep, name = part.partition(":")
        if kind in PARTS:
            answer[part] = PARTS[kind](request, name)
    if hasattr(request, "here"):
        answer["here"] = [{"text": one.text, "writing": bool(one.writing)} for one in request.here]
    response = JsonResponse(answer)
    response["Cache-Control"] = "no-store"
    return response
