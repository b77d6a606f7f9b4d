"""Names of our mails, made from the delivery's key so that a second attempt is the same mail."""

from __future__ import annotations

import hashlib
import re

SAFE_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
OURS = re.compile(r"hy\.([A-Za-z0-9_-]{1,80})@")


def key_part(key: str) -> str:
    """The key as it may stand in an address; an unusual one is hashed."""
    return key if SAFE_KEY.match(key) else f"x{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a delivery, without brackets."""
    return f"hy.{key_part(key)}@{domain or 'localhost'}"


def key_of(identifier: str) -> str:
    """The delivery's key in one of our Message-IDs, "" for a foreign one."""
    match = OURS.match(identifier)
    return match[1] if match and not match[1].startswith("x") else ""
