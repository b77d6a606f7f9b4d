"""One selected IMAP folder: looking, reading without marking, moving."""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.translation import gettext as _

from console.plugin_api.errors import ConfigurationError

from .imap_session import quoted

NUMBER = re.compile(rb"(\d+)")
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
UID = re.compile(rb"UID (\d+)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WINDOW = 20_000
CHUNK = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the folder before it is read."""

    uid: int
    size: int
    stored_at: datetime | None


class Folder:
    """A selected folder. Methods raise imaplib's errors; the session turns them into the contract's."""

    def __init__(self, client: imaplib.IMAP4, name: str) -> None:
        self.client = client
        self.name = name
        if client.select(quoted(name))[0] != "OK":
            raise ConfigurationError(_("The mailbox has no such folder."), field="imap_folder")
        self.validity = self._code("UIDVALIDITY")
        self.uidnext = self._code("UIDNEXT") or self._status_uidnext()

    def _code(self, name: str) -> int:
        values = self.client.untagged_responses.get(name) or self.client.response(name)[1]
        match = NUMBER.search(values[-1]) if values and values[-1] else None
        return int(match[1]) if match else 0

    def _status_uidnext(self) -> int:
        _, data = self.client.status(quoted(self.name), "(UIDNEXT)")
        match = re.search(rb"UIDNEXT (\d+)", data[0] or b"")
        return int(match[1]) if match else 2**32 - 1

    def search(self, *criteria: str) -> list[int]:
        """UIDs that match, ascending."""
        _, data = self.client.uid("SEARCH", *criteria)
        return sorted(int(number) for line in data if line for number in line.split())

    def above(self, last: int, count: int, since: str = "", rescan: int = 0) -> list[int]:
        """Up to `count` UIDs above `last`, in windows, so that a huge mailbox never answers in one line.

        Up to the UID `rescan` only mails count that came on or after `since`.
        """
        found: list[int] = []
        low = last + 1
        while low < self.uidnext and len(found) < count:
            old = low <= rescan
            high = min(low + WINDOW - 1, rescan if old else self.uidnext - 1)
            extra = ("SINCE", imap_date(since)) if old and since else ()
            found += [uid for uid in self.search("UID", f"{low}:{high}", *extra) if low <= uid <= high]
            low = high + 1
        return found[:count]

    def listed(self, uids: list[int]) -> dict[int, Listed]:
        """Sizes and arrival times. A mail that is gone is not listed."""
        found: dict[int, Listed] = {}
        for chunk in chunks(uids):
            _, data = self.client.uid("FETCH", joined(chunk), "(UID RFC822.SIZE INTERNALDATE)")
            for line in data:
                text = line[0] if isinstance(line, tuple) else line
                uid, size = UID.search(text or b""), SIZE.search(text or b"")
                if uid and size:
                    found[int(uid[1])] = Listed(int(uid[1]), int(size[1]), internal_date(text))
        return found

    def bodies(self, uids: list[int], section: str = "") -> dict[int, bytes]:
        """Raw mails (or their HEADER) by UID, without setting \\Seen."""
        _, data = self.client.uid("FETCH", joined(uids), f"(UID BODY.PEEK[{section}])")
        return dict(_literals(data))

    def move(self, uids: list[int], target: str) -> bool:
        """Move to another folder; True when they are gone from here."""
        if "MOVE" in self.client.capabilities:
            return all(self.client.uid("MOVE", joined(chunk), quoted(target))[0] == "OK" for chunk in chunks(uids))
        if "UIDPLUS" not in self.client.capabilities:
            return False
        for chunk in chunks(uids):
            if self.client.uid("COPY", joined(chunk), quoted(target))[0] != "OK":
                return False
            self.client.uid("STORE", joined(chunk), "+FLAGS.SILENT", r"(\Deleted)")
            self.client.uid("EXPUNGE", joined(chunk))
        return True

    def mark(self, uids: list[int], flags: str) -> None:
        """Set flags."""
        for chunk in chunks(uids):
            self.client.uid("STORE", joined(chunk), "+FLAGS.SILENT", f"({flags})")


def ensure_folder(client: imaplib.IMAP4, name: str) -> bool:
    """Is there such a folder, if need be a new one?"""
    _, listed = client.list('""', quoted(name))
    if listed and listed[0]:
        return True
    if client.create(quoted(name))[0] != "OK":
        return False
    client.subscribe(quoted(name))
    return True


def _literals(data: list) -> Iterator[tuple[int, bytes]]:
    """(UID, literal) pairs; the UID may stand before the literal or behind it."""
    for at, line in enumerate(data):
        if not isinstance(line, tuple):
            continue
        match = UID.search(line[0])
        if not match and at + 1 < len(data) and isinstance(data[at + 1], bytes):
            match = UID.search(data[at + 1])
        if match:
            yield int(match[1]), line[1]


def internal_date(text: bytes) -> datetime | None:
    """INTERNALDATE of a FETCH answer, None when it is not there."""
    local = imaplib.Internaldate2tuple(text)
    if local is None:
        return None
    return datetime.fromtimestamp(time.mktime(local), UTC)


def imap_date(iso: str) -> str:
    """`2026-11-22` as SEARCH wants it, whatever the machine's language."""
    day = date.fromisoformat(iso)
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"


def joined(uids: Iterable[int]) -> str:
    """A UID set, with ranges where they save room."""
    parts: list[str] = []
    run: list[int] = []
    for uid in [*sorted(set(uids)), 0]:
        if run and uid != run[-1] + 1:
            parts.append(str(run[0]) if len(run) == 1 else f"{run[0]}:{run[-1]}")
            run = []
        run.append(uid)
    return ",".join(parts)


def chunks(uids: list[int]) -> Iterator[list[int]]:
    """Slices that keep a command line short."""
    return (uids[at : at + CHUNK] for at in range(0, len(uids), CHUNK))
