"""The decision letter: as it would be now, and as it went out. Always a download."""

from urllib.parse import quote

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from console.cases.models import Case
from console.cases.services.base import CaseError
from console.outreach import letters
from console.outreach.models import Letter
from console.staff.access import as_actor

from ..access import desk_page
from ..casefile import case_or_404


def served(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response._csp_replace = {"default-src": ["'none'"], "sandbox": [""]}
    return response


@desk_page("case.work")
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """The letter as it would go out now, marked as a draft; nothing is kept."""
    case = case_or_404(request.user, number)
    try:
        _words, content = letters.compose(case, draft=True)
    except letters.LetterError as error:
        raise CaseError(error.code, str(error)) from error
    return served(HttpResponse(content, content_type="application/pdf"), f"{_('draft')}_{case.number}.pdf")


@desk_page("case.view")
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that went out; the look is on record."""
    found = Letter.objects.filter(pk=pk, case__in=Case.objects.visible_to(request.user)).select_related("case").first()
    if found is None:
        raise Http404
    with transaction.atomic():
        letters.opened(found, as_actor(request.user))
    response = StreamingHttpResponse(letters.read(found), content_type="application/pdf")
    response["Content-Length"] = found.size
    return served(response, found.name)
