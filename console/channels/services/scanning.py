"""The malware scan: a clamd socket or a command, named in the settings.

Settings: HUIYIN_SCAN_CLAMD (a socket path or host:port), HUIYIN_SCAN_COMMAND (a program that reads the file from its
standard input and ends with 0 for clean, 1 for infected, anything else for "could not tell"). Where a scanner is
named, only a file it found clean is offered: while it is away files wait, and one it cannot judge is blocked. Without
one files are marked "not scanned" and offered, unless HUIYIN_SCAN_REQUIRED says that nothing unscanned may be opened.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import clear_alarm, emit, raise_alarm
from console.foundation.transactions import assert_no_transaction

from .. import vault
from ..models import Attachment, ScanState

ALARM = "channels.scanner"
INFECTED_ALARM = "channels.infected"
SECONDS = 60
LEASE = timedelta(minutes=5)
PAUSE = timedelta(minutes=2)
CHUNK = 64 * 1024
BATCH = 20
MOST_JUDGEMENTS = 3


class CannotJudge(Exception):
    """The scanner answered, but not whether this file is clean: too big for it, encrypted, broken."""


def configured() -> bool:
    """Whether files are scanned, or must be."""
    return bool(settings.HUIYIN_SCAN_CLAMD or settings.HUIYIN_SCAN_COMMAND or settings.HUIYIN_SCAN_REQUIRED)


def first_state() -> str:
    """The state of a new file: it waits for the scanner, where there is one."""
    return ScanState.PENDING if configured() else ScanState.UNSCANNED


def due() -> QuerySet[Attachment]:
    return Attachment.objects.filter(state=ScanState.PENDING)


def scan_pending(limit: int = BATCH) -> int:
    """The pump "channels.scan": scan waiting files. Returns how many were looked at."""
    now = timezone.now()
    rows = list(due().filter(scan_after__lte=now).order_by("scan_after", "pk")[:limit])
    mine = [
        row for row in rows
        if due().filter(pk=row.pk, scan_after=row.scan_after).update(
            scan_after=now + LEASE, scan_attempts=F("scan_attempts") + 1
        )
    ]  # fmt: skip
    for row in mine:
        _scan(row)
    return len(mine)


def _scan(row: Attachment) -> None:
    assert_no_transaction("A malware scan")
    try:
        found = _ask(vault.read(row.stored_as)) if configured() else None
    except vault.VaultError:
        _settle(row, ScanState.BLOCKED, _("The file cannot be read any more."))
    except CannotJudge as error:
        _not_judged(row, str(error))
    except OSError as error:
        _postpone(row, type(error).__name__)
        raise_alarm(ALARM, data={"error": type(error).__name__})
    else:
        clear_alarm(ALARM)
        state = ScanState.UNSCANNED if found is None else ScanState.INFECTED if found else ScanState.CLEAN
        _settle(row, state, found or "")


def _not_judged(row: Attachment, said: str) -> None:
    """What the scanner will not judge is not offered; it gets a few tries, for scanners have bad days."""
    clear_alarm(ALARM)
    if row.scan_attempts + 1 < MOST_JUDGEMENTS:
        _postpone(row, said)
    else:
        _settle(row, ScanState.BLOCKED, _("The scanner cannot judge this file: %(said)s") % {"said": said})


def _postpone(row: Attachment, why: str) -> None:
    Attachment.objects.filter(pk=row.pk).update(scan_after=timezone.now() + PAUSE, detail=why[:300])


def _settle(row: Attachment, state: str, detail: str) -> None:
    with transaction.atomic():
        due().filter(pk=row.pk).update(state=state, detail=detail[:300])
        if state == ScanState.INFECTED:
            raise_alarm(INFECTED_ALARM, data={"attachment": row.pk})
            emit("uploads", "attachment.infected", {"attachment_id": row.pk, "message_id": row.message_id})


def _ask(chunks: Iterable[bytes]) -> str:
    """The name of what was found; "" for a clean file. Raises CannotJudge, and OSError when nobody answers."""
    if settings.HUIYIN_SCAN_CLAMD:
        return _clamd(settings.HUIYIN_SCAN_CLAMD, chunks)
    if settings.HUIYIN_SCAN_COMMAND:
        return _command(settings.HUIYIN_SCAN_COMMAND, chunks)
    raise OSError("no scanner is named")


def _clamd(address: str, chunks: Iterable[bytes]) -> str:
    """Speak clamd's INSTREAM: length-prefixed chunks, a zero length, one line back."""
    with _connect(address) as line:
        # A scanner that has heard enough hangs up, and has said why.
        with suppress(BrokenPipeError, ConnectionResetError):
            _stream(line, chunks)
        answer = b""
        while not answer.endswith(b"\0") and (part := line.recv(4096)):
            answer += part
    text = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if text.endswith(" OK"):
        return ""
    if text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")
    if not text:
        raise ConnectionError("clamd hung up without an answer")
    raise CannotJudge(text[:200])


def _stream(line: socket.socket, chunks: Iterable[bytes]) -> None:
    line.sendall(b"zINSTREAM\0")
    for chunk in chunks:
        for start in range(0, len(chunk), CHUNK):
            part = chunk[start : start + CHUNK]
            line.sendall(len(part).to_bytes(4, "big") + part)
    line.sendall(b"\0\0\0\0")


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(SECONDS)
        line.connect(address)
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def _command(command: str, chunks: Iterable[bytes]) -> str:
    try:
        done = subprocess.run(
            shlex.split(command), input=b"".join(chunks), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.SubprocessError as error:
        raise OSError(type(error).__name__) from error
    if done.returncode == 0:
        return ""
    if done.returncode == 1:
        return done.stdout.decode("utf-8", "replace").strip()[:200] or "infected"
    raise CannotJudge(f"exit code {done.returncode}")
