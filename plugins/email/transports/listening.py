"""Waiting for news without fetching it: IMAP IDLE, or a look at the folder's time stamp."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from .imap_folder import Folder
from .imap_in import Mailbox
from .imap_session import signed_in, speaking
from .maildir_in import ensure

LONGEST = 27 * 60
"""Servers drop an IDLE after half an hour; the host starts a new one."""

WATCH_SECONDS = 0.5
IDLE_SECONDS = 60


def listen_maildir(folder: Path, ring: Callable[[], None], *, longest: float = LONGEST) -> None:
    """Ring when a file appears in new/. Returns after a while."""
    ensure(folder)
    seen = -1
    until = time.monotonic() + longest
    while time.monotonic() < until:
        stamp = os.stat(folder / "new").st_mtime_ns
        if stamp != seen:
            seen = stamp
            ring()
        time.sleep(WATCH_SECONDS)


def listen_imap(mailbox: Mailbox, ring: Callable[[], None], *, longest: float = LONGEST) -> None:
    """Ring when the server tells of a change, and once at the start. Without IDLE it returns at once."""
    with signed_in(mailbox.server) as box, speaking("imap"):
        Folder(box.client, mailbox.folder)
        ring()
        if "IDLE" not in box.client.capabilities:
            return
        until = time.monotonic() + longest
        while time.monotonic() < until:
            if box.idle.wait(timeout=min(IDLE_SECONDS, longest)):
                ring()
