"""The malware scan: a clamd socket or a command, named in the settings. Without one, files are marked "not scanned".

Settings: HUIYIN_SCAN_CLAMD (a socket path or host:port), HUIYIN_SCAN_COMMAND (a program that reads the file from its
standard input and ends with 0 for clean, 1 for infected, anything else for "could not tell").
"""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

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


class CannotScan(Exception):
    """The scanner did not answer, or not in a way we understand."""


def configured() -> bool:
    return bool(getattr(settings, "HUIYIN_SCAN_CLAMD", "") or getattr(settings, "HUIYIN_SCAN_COMMAND", ""))


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
    except (CannotScan, OSError, vault.VaultError) as error:
        Attachment.objects.filter(pk=row.pk).update(scan_after=timezone.now() + PAUSE, detail=type(error).__name__)
        raise_alarm(ALARM, data={"error": type(error).__name__})
        return
    clear_alarm(ALARM)
    state = ScanState.UNSCANNED if found is None else ScanState.INFECTED if found else ScanState.CLEAN
    with transaction.atomic():
        due().filter(pk=row.pk).update(state=state, detail=(found or "")[:300])
        if found:
            raise_alarm(INFECTED_ALARM, str(row.pk), data={"attachment": row.pk})
            emit("uploads", "attachment.infected", {"attachment_id": row.pk, "message_id": row.message_id})


def _ask(chunks: Iterable[bytes]) -> str:
    """The name of what was found; "" for a clean file. Raises CannotScan."""
    address = getattr(settings, "HUIYIN_SCAN_CLAMD", "")
    return _clamd(address, chunks) if address else _command(settings.HUIYIN_SCAN_COMMAND, chunks)


def _clamd(address: str, chunks: Iterable[bytes]) -> str:
    """Speak clamd's INSTREAM: length-prefixed chunks, a zero length, one line back."""
    with _connect(address) as line:
        line.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            for start in range(0, len(chunk), CHUNK):
                part = chunk[start : start + CHUNK]
                line.sendall(len(part).to_bytes(4, "big") + part)
        line.sendall(b"\0\0\0\0")
        answer = b""
        while not answer.endswith(b"\0") and (part := line.recv(4096)):
            answer += part
    text = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if text.endswith(" OK"):
        return ""
    if text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")
    raise CannotScan(text[:200])


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
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotScan(type(error).__name__) from error
    if done.returncode == 0:
        return ""
    if done.returncode == 1:
        return done.stdout.decode("utf-8", "replace").strip()[:200] or "infected"
    raise CannotScan(f"exit code {done.returncode}")
