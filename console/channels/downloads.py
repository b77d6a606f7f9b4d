"""Attachments as downloads: never run, never guessed, never cached, always on the record."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from . import vault
from .models import Attachment
from .services.attachments import SAFE_INLINE, NotOffered, open_attachment


def stream(attachment: Attachment, user: Any, inline: bool = False) -> StreamingHttpResponse | None:
    """A response with the bytes; None when this person may not have them or they are not clean."""
    try:
        chunks = open_attachment(attachment, user)
        first = next(chunks, b"")
    except (NotOffered, vault.VaultError):
        return None
    shown = inline and attachment.content_type in SAFE_INLINE
    response = StreamingHttpResponse(_rest(first, chunks), content_type=attachment.content_type)
    response["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(attachment.name)}"
    )
    response["Content-Length"] = str(attachment.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@login_required
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /console/attachments/<id>/ for who may see the message; `?inline` shows a picture in its place."""
    rows = Attachment.objects.visible_to(request.user)
    attachment = rows.select_related("message").filter(pk=pk).first()
    response = stream(attachment, request.user, "inline" in request.GET) if attachment is not None else None
    if response is None:
        raise Http404
    return response


def _rest(first: bytes, chunks: Any) -> Any:
    yield first
    yield from chunks
