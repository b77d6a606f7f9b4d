"""The names of a mail: the one answers refer to, and the one it is stored under."""

from __future__ import annotations

import hashlib

from console.plugin_api.channels import InboundAttachment

from ..mime.headers import Headers
from ..mime.structure import Budget
from .threads import message_ids

LONGEST = 200


def wire_id(headers: Headers, budget: Budget) -> str:
    """The Message-ID without brackets, "" without one, a short stand-in for one that is too long."""
    raw = headers.text("message-id")
    found = message_ids(raw)
    value = found[0] if found else "".join(raw.split()).strip("<>")
    if not value:
        budget.note("message_id_missing")
    if len(value) > LONGEST:
        budget.note("message_id_long")
        return f"long.{hashlib.sha256(value.encode()).hexdigest()[:40]}@message-id.invalid"
    return value


def content_hash(sender: str, subject: str, date: str, words: str, files: tuple[InboundAttachment, ...]) -> str:
    """Over what the sender wrote, however servers re-encoded it on the way: the same over two mailboxes."""
    digest = hashlib.sha256()
    for text in (sender, subject, date, "".join(words.split())):
        digest.update(text.encode("utf-8", "replace") + b"\0")
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


def provider_id(wire: str, made: str) -> str:
    """Message-ID and content together: a client that uses an id twice for two mails does not lose one of them."""
    return f"{wire or 'no-message-id'}#{made[:16] if wire else made[:40]}"
