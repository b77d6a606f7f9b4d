"""The name a mail is known by: its Message-ID, or one made from its content."""

from __future__ import annotations

import hashlib

from ..mime.structure import Budget, Part
from .threads import message_ids

LONGEST = 200
HASHED_FIELDS = ("from", "to", "cc", "date", "subject", "message-id")


def content_hash(root: Part) -> str:
    """Over what the sender wrote, not over what servers added on the way."""
    digest = hashlib.sha256()
    for name in HASHED_FIELDS:
        digest.update(b"\0".join([name.encode(), *root.headers.all_raw(name)]) + b"\1")
    digest.update(memoryview(root.data)[root.start : root.end])
    return digest.hexdigest()


def provider_id(root: Part, made: str, budget: Budget) -> str:
    """The Message-ID without brackets; without one, the same made-up id for the same content."""
    raw = root.headers.text("message-id")
    found = message_ids(raw)
    value = found[0] if found else "".join(raw.split()).strip("<>")
    if not value:
        budget.note("message_id_missing")
        return f"content.{made[:40]}@message-id.invalid"
    if len(value) > LONGEST:
        budget.note("message_id_long")
        return f"long.{hashlib.sha256(value.encode()).hexdigest()[:40]}@message-id.invalid"
    return value
