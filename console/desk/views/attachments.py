"""A file of a message: always a download, never shown inside our pages."""

from urllib.parse import quote

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from console.cases.models import Case
from console.channels.models import Attachment
from console.channels.services.attachments import NotOffered, open_attachment

from ..access import desk_page


@desk_page("message.view")
def attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes, decrypted as they are sent, under headers no browser executes."""
    seen = Case.objects.visible_to(request.user)
    rows = Attachment.objects.filter(pk=pk, message__entry__conversation__case_links__case__in=seen)
    item = rows.not_hidden_from(request.user).select_related("message__account").first()
    if item is None:
        raise Http404
    try:
        with transaction.atomic():
            chunks = open_attachment(item, request.user, through_work=True)
    except NotOffered as refusal:
        raise Http404 from refusal
    response = StreamingHttpResponse(chunks, content_type="application/octet-stream")
    response["Content-Length"] = item.size
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(item.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response._csp_replace = {"default-src": ["'none'"], "sandbox": [""]}
    return response
