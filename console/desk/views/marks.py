"""Setting one message aside, and taking that back."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.cases import services
from console.cases.models import MessageMark
from console.cases.services.marking import case_of_message

from .. import queues, replies
from ..access import desk_page, partial
from .case import live_parts
from .original import message_or_404


@require_POST
@desk_page("case.mark")
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Spam, automatic, thanks, duplicate."""
    message = message_or_404(request.user, pk)
    kind = request.POST.get("kind", "")
    services.mark_message(message, kind, request.user)
    words = _("Set aside: %(kind)s") % {"kind": dict(MessageMark.Kind.choices).get(kind, kind)}
    return shown(request, message, words, reverse("desk:unmark", args=[pk]))


@require_POST
@desk_page("case.mark")
def unmark(request: HttpRequest, pk: int) -> HttpResponse:
    """The mark and all it did, undone."""
    message = message_or_404(request.user, pk)
    services.unmark_message(message, request.user)
    return shown(request, message, _("Mark taken back."))


def shown(request: HttpRequest, message: object, words: str, undo: str = "") -> HttpResponse:
    queues.forget_counts(request.user)
    case = case_of_message(message)
    if not partial(request) or case is None:
        return replies.back_to(
            request, reverse("desk:case", args=[case.number]) if case else reverse("desk:home"), words
        )
    return replies.done(request, live_parts(request, case.number), words, undo)
