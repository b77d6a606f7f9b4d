"""Files that come piece by piece, so that a line that breaks costs one piece and not the file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from console.channels import vault
from console.foundation.text import clean
from console.plugin_api.channels import InboundAttachment

from ..models import PortalPolicy, Upload

PIECE = 256 * 1024
KEPT = timedelta(hours=20)  # the vault clears what no message names after a day


class TooMuch(ValueError):
    """More or bigger files than the form takes."""


class OutOfStep(ValueError):
    """The piece does not begin where the last one ended; `at` is where it should."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


class Full(RuntimeError):
    """Files of forms that were never sent take all the room they may: strangers cannot fill the disk."""


def begin(form: str, name: str, kind: str, size: int, *, most: int, biggest: int, total: int) -> Upload:
    """Announce a file. Raises TooMuch, and Full."""
    waiting = Upload.objects.aggregate(size=Sum("size"))["size"] or 0
    if waiting + size > PortalPolicy.current().unsent_mb * 1024 * 1024:
        raise Full
    known = list(Upload.objects.filter(form=form).values_list("size", flat=True))
    if not 0 < size <= biggest or len(known) >= most or sum(known) + size > total:
        raise TooMuch
    return Upload.objects.create(form=form, name=clean(name)[:255], declared_type=clean(kind)[:120], size=size)


def append(upload: Upload, at: int, piece: bytes) -> int:
    """Add the next piece; how far the file has come. The same piece twice is refused with the place to go on from.

    Raises OutOfStep and TooMuch.
    """
    if len(piece) > PIECE or at + len(piece) > upload.size:
        raise TooMuch
    if at != upload.received or not piece:
        raise OutOfStep(upload.received)
    stored = vault.write(piece)
    # Two senders of one piece: the row moves on for one of them.
    moved = Upload.objects.filter(pk=upload.pk, received=at).update(
        received=at + len(piece), pieces=[*upload.pieces, stored]
    )
    if not moved:
        vault.delete(stored)
        upload.refresh_from_db()
        raise OutOfStep(upload.received)
    upload.received, upload.pieces = at + len(piece), [*upload.pieces, stored]
    return upload.received


def take_whole(form: str, name: str, kind: str, content: bytes, **limits: Any) -> Upload:
    """A file that came with the form itself; sent again with a second press, it is the one we have. Raises TooMuch
    and Full."""
    for row in Upload.objects.filter(form=form, size=len(content)):
        if row.complete and row.name == clean(name)[:255] and attachments([row])[0].content == content:
            return row
    upload = begin(form, name, kind, len(content), **limits)
    for at in range(0, len(content), PIECE):
        append(upload, at, content[at : at + PIECE])
    return upload


def of_form(form: str) -> list[Upload]:
    """Every file of an opened form that has come whole, in the order they were chosen."""
    return [row for row in Upload.objects.filter(form=form) if row.complete]


def find(form: str, uid: UUID) -> Upload | None:
    return Upload.objects.filter(form=form, uid=uid).first()


def forget(upload: Upload) -> None:
    """The customer took the file away again."""
    upload.delete()
    for name in upload.pieces:
        vault.delete(name)


def attachments(rows: Iterable[Upload]) -> tuple[InboundAttachment, ...]:
    """The files with their bytes, as a form carries them."""
    return tuple(
        InboundAttachment(
            name=row.name,
            content_type=row.declared_type,
            content=b"".join(vault.read_all(name) for name in row.pieces),
        )
        for row in rows
    )


def sweep() -> int:
    """Forget files of forms that were never sent, or were sent long ago. A periodic duty; returns how many."""
    rows = list(Upload.objects.filter(created_at__lt=timezone.now() - KEPT)[:200])
    for row in rows:
        forget(row)
    return len(rows)
