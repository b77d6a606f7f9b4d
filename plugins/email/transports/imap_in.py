"""Fetching over IMAP: bounded batches, nothing marked before it is stored, no mail that stops the others."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date

from .fetched import Bounds, Fetched, Haul
from .imap_cursor import Cursor
from .imap_folder import Folder, Listed, ensure_folder
from .imap_session import ImapServer, signed_in, speaking

LEFTOVERS = 500
Guard = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Which folder is read, and where mails go afterwards ("" = they stay and are marked as seen)."""

    server: ImapServer
    folder: str = "INBOX"
    processed: str = "Processed"
    failed: str = "Failed"
    only_new: bool = False
    guard: Guard = nullcontext
    """Held while mails are moved: two sessions moving the same mail leave two copies on some servers."""


def look(mailbox: Mailbox, text: str, bounds: Bounds, today: date) -> Haul:
    """The next mails after the cursor. Raises the contract's errors when the mailbox cannot be reached at all.

    Mails of an earlier batch that were stored but never moved (a crash in between) are moved now: the cursor was
    committed together with them.
    """
    with signed_in(mailbox.server) as box, speaking("imap"):
        folder = Folder(box.client, mailbox.folder)
        stored = Cursor.load(text)
        cursor = stored.on(folder.validity, folder.uidnext, only_new=mailbox.only_new, today=today)
        if cursor is stored:
            _move_leftovers(folder, mailbox, cursor)
        again = [uid for uid in cursor.skipped if uid <= cursor.last][:20]
        fresh = folder.above(cursor.last, bounds.count, cursor.since, cursor.rescan)
        return _read(folder, cursor, again, fresh, bounds)


def _read(folder: Folder, cursor: Cursor, again: list[int], fresh: list[int], bounds: Bounds) -> Haul:
    listed = folder.listed([*again, *fresh])
    wanted = [uid for uid in again if uid in listed] + _within(fresh, listed, bounds)
    whole = [uid for uid in wanted if uid in listed and listed[uid].size <= bounds.mail_bytes]
    raws = _bodies(folder, whole)
    mails, missed = [], []
    for uid in wanted:
        mail = _mail(folder, listed.get(uid), raws, whole)
        if mail:
            mails.append(mail)
        elif uid in listed:
            missed.append(uid)
    taken = [uid for uid in wanted if uid > cursor.last]
    after = cursor.past(taken[-1]) if taken else cursor
    still = [uid for uid in missed if uid in folder.listed([uid])] if missed else []
    return Haul(
        mails=tuple(mails),
        cursor=after.skipping(still).dump(),
        more=len(taken) < len(fresh) or len(fresh) >= bounds.count,
        unreadable=tuple(f"{folder.validity}.{uid}" for uid in still if uid not in cursor.skipped),
    )


def _within(fresh: list[int], listed: dict[int, Listed], bounds: Bounds) -> list[int]:
    """The first mails that fit the batch together; at least one."""
    taken: list[int] = []
    total = 0
    for uid in fresh:
        size = listed[uid].size if uid in listed else 0
        cost = size if size <= bounds.mail_bytes else 0
        if taken and total + cost > bounds.batch_bytes:
            break
        taken.append(uid)
        total += cost
    return taken


def _bodies(folder: Folder, uids: list[int]) -> dict[int, bytes]:
    """All at once; if the server stumbles over one of them, one by one."""
    if not uids:
        return {}
    try:
        return folder.bodies(uids)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return {}


def _mail(folder: Folder, listed: Listed | None, raws: dict[int, bytes], whole: list[int]) -> Fetched | None:
    """One mail; its header alone when it is too large or cannot be read whole; None when nothing can be had."""
    if listed is None:
        return None
    raw = raws.get(listed.uid) or (_alone(folder, listed.uid, "") if listed.uid in whole else b"")
    head = b"" if raw else _alone(folder, listed.uid, "HEADER")
    if not (raw or head):
        return None
    return Fetched(
        raw=raw or head,
        ref=f"{folder.validity}.{listed.uid}",
        acknowledge=f"{folder.validity}.{listed.uid}.{'S' if raw else 'F'}",
        stored_at=listed.stored_at,
        oversize=0 if raw else listed.size,
    )


def _alone(folder: Folder, uid: int, section: str) -> bytes:
    try:
        return folder.bodies([uid], section).get(uid, b"")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return b""


def put_away(mailbox: Mailbox, refs: Sequence[str]) -> None:
    """Move stored mails out of the inbox, or mark them as seen where moving is impossible.

    References of an earlier UIDVALIDITY and mails that are gone already are passed over.
    """
    with mailbox.guard(), signed_in(mailbox.server) as box, speaking("imap"):
        folder = Folder(box.client, mailbox.folder)
        for mark, target in (("S", mailbox.processed), ("F", mailbox.failed)):
            uids = [uid for validity, uid, sign in map(_ref, refs) if sign == mark and validity == folder.validity]
            if uids:
                _dispose(folder, uids, target, mark)


def _ref(text: str) -> tuple[int, int, str]:
    validity, _, rest = text.partition(".")
    uid, _, mark = rest.partition(".")
    return (int(validity), int(uid), mark) if validity.isdecimal() and uid.isdecimal() else (0, 0, "")


def _dispose(folder: Folder, uids: list[int], target: str, mark: str) -> None:
    flags = r"\Seen" if mark == "S" else r"\Seen \Flagged"
    folder.mark(uids, flags)
    if target and ensure_folder(folder.client, target):
        folder.move(uids, target)


def _move_leftovers(folder: Folder, mailbox: Mailbox, cursor: Cursor) -> None:
    if not _left(folder, cursor):
        return
    with mailbox.guard():
        again = Folder(folder.client, mailbox.folder)
        left = _left(again, cursor)[:LEFTOVERS]
        if left:
            _dispose(again, left, mailbox.processed, "S")


def _left(folder: Folder, cursor: Cursor) -> list[int]:
    """Mails that were stored but stand in the inbox, unseen."""
    if cursor.last <= cursor.floor:
        return []
    found = folder.search("UID", f"{cursor.floor + 1}:{cursor.last}", "UNSEEN")
    return [uid for uid in found if cursor.floor < uid <= cursor.last and uid not in cursor.skipped]
