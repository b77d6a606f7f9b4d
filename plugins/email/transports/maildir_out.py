"""Writing into a Maildir: whole or not at all, and the same key only once, whatever happens in between."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from django.utils.translation import gettext as _

from console.plugin_api.errors import RetryLater

from .maildir_in import ensure

KEYS = ".huiyin-keys"
FANOUT = 2


def deliver(folder: Path, key: str, data: bytes) -> bool:
    """Put a mail into new/. False when this key was written before. Raises `RetryLater` when the disk refuses.

    The mark of the key is made before the mail appears. A crash between the two leaves a mark without a mail,
    so a second attempt looks for the mail itself before it believes the mark.
    """
    ensure(folder)
    name = hashlib.sha256(key.encode()).hexdigest()[:40]
    try:
        if not _mark(folder, name) and was_delivered(folder, key):
            return False
        return _write(folder, name, data)
    except OSError as error:
        raise RetryLater(30, _("The Maildir cannot be written: %(strerror)s") % {"strerror": error.strerror}) from error


def _mark(folder: Path, name: str) -> bool:
    """True when the key is new."""
    place = folder / KEYS / name[:FANOUT]
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(place / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def was_delivered(folder: Path, key: str) -> bool:
    """Is the mail of this key written? A mark says `done` once it was; before that only the mail itself proves it."""
    name = hashlib.sha256(key.encode()).hexdigest()[:40]
    mark = folder / KEYS / name[:FANOUT] / name
    try:
        if mark.stat().st_size:
            return True
    except FileNotFoundError:
        return False
    return any(_holds(folder / place, name) for place in ("new", "cur"))


def _holds(place: Path, name: str) -> bool:
    if (place / f"hy-{name}").exists():
        return True
    with os.scandir(place) as entries:
        return any(entry.name.startswith(f"hy-{name}") for entry in entries)


def _write(folder: Path, name: str, data: bytes) -> bool:
    temporary = folder / "tmp" / f"{name}.{os.getpid()}.{time.monotonic_ns()}"
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, folder / "new" / f"hy-{name}")
        except FileExistsError:
            return False
        (folder / KEYS / name[:FANOUT] / name).write_bytes(b"done\n")
    finally:
        temporary.unlink(missing_ok=True)
    return True
