"""Files that come and go with messages: checked by their first bytes, encrypted in the vault, scanned, offered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import filetype
from django.db import transaction
from django.utils.translation import gettext as _

from console.events import emit
from console.foundation.text import clean, squeeze
from console.foundation.work import ring
from console.plugin_api.channels import InboundAttachment
from console.staff.access import as_actor, can

from .. import vault
from ..models import Attachment, AttachmentRule, ChannelAccount, ScanState
from . import scanning

SCAN_PUMP = "channels.scan"
MAX_NAME = 200
SAFE_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")
# Whatever else the rules say, programs are not taken in: a bank has no use for them by mail.
PROGRAMS = (
    "application/x-msdownload",
    "application/vnd.microsoft.portable-executable",
    "application/x-executable",
    "application/x-dosexec",
    "application/java-archive",
    "application/x-sh",
)
PROGRAM_ENDINGS = (
    ".exe",
    ".scr",
    ".bat",
    ".cmd",
    ".com",
    ".js",
    ".vbs",
    ".ps1",
    ".msi",
    ".jar",
    ".hta",
    ".lnk",
    ".pif",
    ".cpl",
    ".jse",
    ".vbe",
    ".wsf",
    ".wsh",
    ".msp",
    ".reg",
    ".apk",
    ".dll",
)
_TEXT_TYPES = ("text/", "application/json", "application/xml", "message/")
_UNKNOWN = "application/octet-stream"


class FileRefused(Exception):
    """A file somebody wants to send is not allowed; the text says why."""


class NotOffered(Exception):
    """The file may not be opened: not clean, not there, or not for this person."""


def file_inbound(account: ChannelAccount, files: Sequence[InboundAttachment]) -> list[Attachment]:
    """Put a message's files into the vault; unsaved rows. A file that breaks the rules is listed but not kept:
    the original is in the envelope. Raises OSError when the disk refuses."""
    rule = rule_for(account, outbound=False)
    rows: list[Attachment] = []
    try:
        rows.extend(_filed(item, rule) for item in files)
    except OSError:
        forget_files(rows)
        raise
    return rows


def forget_files(rows: Iterable[Attachment]) -> None:
    """Take files out of the vault whose rows were never committed."""
    for row in rows:
        vault.delete(row.stored_as)
        row.stored_as = ""


def upload(account: ChannelAccount, name: str, content: bytes, user: Any) -> Attachment:
    """Keep a file an agent wants to send with a message. Raises FileRefused."""
    row = outbound_row(account, name, content)
    row.uploaded_by = str(as_actor(user))[:160]
    row.save()
    if row.state == ScanState.PENDING:
        ring(SCAN_PUMP)
    return row


def outbound_row(account: ChannelAccount, name: str, content: bytes, **more: Any) -> Attachment:
    """An unsaved row for a file that goes out, its bytes in the vault. Raises FileRefused."""
    rule = rule_for(account, outbound=True)
    kind = sniff(content, "", name)
    refused = breaks(rule, name, kind, len(content))
    if refused:
        raise FileRefused(refused)
    return _row(name, "", kind, content, state=scanning.first_state(), stored_as=vault.write(content), **more)


def open_attachment(attachment: Attachment, user: Any, *, through_work: bool = False) -> Iterator[bytes]:
    """The bytes, for somebody who may see the message; the look is an event. Raises NotOffered.

    `through_work`: the caller has checked that a case opens this message to the user, whatever their scope.
    """
    seen = can(user, "message.view", None if through_work else attachment.message)
    if not seen or not attachment.offered:
        raise NotOffered(attachment.pk)
    emit(
        f"account:{attachment.message.account_id}" if attachment.message_id else "uploads",
        "attachment.opened",
        {"attachment_id": attachment.pk, "message_id": attachment.message_id},
        actor=as_actor(user),
    )
    return vault.read(attachment.stored_as)


def sniff(content: bytes, declared: str, name: str) -> str:
    """What the bytes say they are; the sender's word only for text, which has no first bytes of its own."""
    guess = filetype.guess(content[:8192])
    if guess is not None:
        return guess.mime
    declared = declared.partition(";")[0].strip().lower()[:120]
    if declared.startswith(_TEXT_TYPES) or (not declared and name.lower().endswith((".txt", ".csv", ".eml"))):
        return declared or "text/plain"
    head = content[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")):
        return "text/html"
    return _UNKNOWN if declared in ("", _UNKNOWN) or declared.startswith(("image/", "video/", "audio/")) else declared


def rule_for(account: ChannelAccount, *, outbound: bool) -> AttachmentRule:
    """The account's own rule, else the general one, else what ships."""
    rows = {row.account_id: row for row in AttachmentRule.objects.filter(outbound=outbound)}
    return rows.get(account.pk) or rows.get(None) or AttachmentRule(outbound=outbound)


def breaks(rule: AttachmentRule, name: str, kind: str, size: int) -> str:
    """Why a file is not allowed; "" when it is."""
    if size > rule.max_bytes:
        return _("The file is bigger than allowed.")
    if kind in PROGRAMS or safe_name(name).lower().rstrip(". ").endswith(PROGRAM_ENDINGS):
        return _("Programs are not allowed.")
    if _listed(kind, rule.blocked_types) or (rule.allowed_types and not _listed(kind, rule.allowed_types)):
        return _("Files of this type are not allowed.")
    return ""


def safe_name(name: str) -> str:
    """A name without folders, controls and tricks of direction; never empty."""
    base = clean(name).replace("\\", "/").rpartition("/")[2]
    base = "".join(char for char in base if char.isprintable() and char not in '<>:"|?*;\u202e\u202d')
    base = squeeze(base).lstrip(".") or "file"
    if len(base) <= MAX_NAME:
        return base
    stem, dot, ending = base.rpartition(".")
    return f"{stem[: MAX_NAME - 12]}{dot}{ending[:10]}" if dot and len(ending) <= 10 else base[:MAX_NAME]


def _filed(item: InboundAttachment, rule: AttachmentRule) -> Attachment:
    kind = sniff(item.content, item.content_type, item.name)
    refused = breaks(rule, item.name, kind, len(item.content))
    more = {"content_id": item.content_id[:255], "inline": item.inline}
    if refused:
        return _row(item.name, item.content_type, kind, item.content, state=ScanState.BLOCKED, detail=refused, **more)
    stored = vault.write(item.content)
    state = scanning.first_state()
    return _row(item.name, item.content_type, kind, item.content, state=state, stored_as=stored, **more)


def _row(name: str, declared: str, kind: str, content: bytes, **more: Any) -> Attachment:
    return Attachment(
        name=safe_name(name),
        declared_type=clean(declared)[:120],
        content_type=kind[:120],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        **more,
    )


def _listed(kind: str, patterns: Iterable[str]) -> bool:
    return any(kind == pattern or (pattern.endswith("/*") and kind.startswith(pattern[:-1])) for pattern in patterns)


def attach_to(message: Any, rows: Sequence[Attachment]) -> None:
    """Tie uploaded files to the message they go out with."""
    with transaction.atomic():
        for row in rows:
            row.message = message
            row.save()
