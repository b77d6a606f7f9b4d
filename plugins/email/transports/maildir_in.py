"""Reading a Maildir: files in new/ are mails received, cur/ is where they go once they are safe."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from console.plugin_api.errors import ConfigurationError, RetryLater

from .fetched import Bounds, Fetched, Haul

HEADER_BYTES = 256 * 1024
SETTLE_SECONDS = 0.3
"""A file younger than this may still be written by somebody who copies instead of renaming."""


def ensure(folder: Path) -> None:
    """Make the three folders of a Maildir. Raises `ConfigurationError` when that is impossible."""
    try:
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(
            _("The folder cannot be used: %(strerror)s") % {"strerror": error.strerror}, field="maildir_in"
        ) from error


def look(folder: Path, bounds: Bounds) -> Haul:
    """Oldest mails in new/, within bounds, nothing moved. A file that cannot be read is named and left."""
    ensure(folder)
    mails: list[Fetched] = []
    unreadable: list[str] = []
    taken = 0
    names, crowded = _oldest(folder / "new", bounds.count)
    for name in names:
        try:
            mail = _read(folder / "new" / name, bounds)
        except FileNotFoundError:
            continue
        except OSError:
            unreadable.append(name)
            continue
        if mail is None:
            continue
        if mails and taken + len(mail.raw) > bounds.batch_bytes:
            return Haul(mails=tuple(mails), more=True, unreadable=tuple(unreadable))
        mails.append(mail)
        taken += len(mail.raw)
    return Haul(mails=tuple(mails), more=crowded and bool(mails), unreadable=tuple(unreadable))


def _oldest(new: Path, count: int) -> tuple[list[str], bool]:
    try:
        with os.scandir(new) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name)
                for entry in entries
                if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)
            ]
    except OSError as error:
        raise RetryLater(30, _("The Maildir cannot be read: %(strerror)s") % {"strerror": error.strerror}) from error
    found.sort()
    return [name for _age, name in found[:count]], len(found) > count


def _read(path: Path, bounds: Bounds) -> Fetched | None:
    """One mail; None while it is still being written. Links are not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle)
        young = time.time() - before.st_mtime
        if 0 <= young < SETTLE_SECONDS:
            time.sleep(SETTLE_SECONDS - young)
            if os.fstat(handle).st_size != before.st_size or os.fstat(handle).st_mtime != before.st_mtime:
                return None
        large = before.st_size > bounds.mail_bytes
        raw = _head(file.read(HEADER_BYTES)) if large else file.read(bounds.mail_bytes)
    return Fetched(
        raw=raw,
        ref=path.name,
        acknowledge=f"{'F' if large else 'S'}:{path.name}",
        stored_at=datetime.fromtimestamp(min(before.st_mtime, time.time()), UTC),
        oversize=before.st_size if large else 0,
    )


def _head(data: bytes) -> bytes:
    """The header block with its empty line."""
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    return data[: min(ends)] if ends else data


def put_away(folder: Path, refs: Sequence[str]) -> None:
    """Move mails to cur/, marked seen, and flagged when only their header was read. Gone already is fine."""
    for ref in refs:
        mark, _colon, name = ref.partition(":")
        if not name or "/" in name or name.startswith("."):
            continue
        target = name.partition(":2,")[0] + (":2,FS" if mark == "F" else ":2,S")
        try:
            os.rename(folder / "new" / name, folder / "cur" / target)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RetryLater(30, _("A mail cannot be moved: %(strerror)s") % {"strerror": error.strerror}) from error
