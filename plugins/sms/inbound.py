"""What every reader of provider calls shares: JSON that may be anything, and messages made the same way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from console.plugin_api.channels import (
    Address,
    ChannelNotice,
    IdentityEvidence,
    IdentityLevel,
    InboundMessage,
    Parsed,
)
from console.plugin_api.errors import PermanentFailure

from .optout import wants_out

CHINA = timezone(timedelta(hours=8))
MAX_ITEMS = 240
MAX_TEXT = 4000
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S.%f", "%y%m%d%H%M")


def loaded(raw: bytes) -> Any:
    """JSON from the wire. Raises PermanentFailure."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise PermanentFailure("unreadable", type(error).__name__) from error


def items_in(value: Any) -> list[Mapping[str, Any]]:
    """One object or a list of them. Raises PermanentFailure for anything else, or too many."""
    items = value if isinstance(value, list) else [value]
    if not items or len(items) > MAX_ITEMS or not all(isinstance(item, Mapping) for item in items):
        raise PermanentFailure("unreadable", "Neither an object nor a list of objects.")
    return items


def word(value: Any, most: int = 200) -> str:
    """A text or a number as text, bounded; anything else as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[:most]


def moment(value: Any) -> datetime | None:
    """A time: seconds or milliseconds since 1970, or a local one, which in China is UTC+8."""
    text = word(value, 40)
    for form in _FORMATS:
        try:
            return datetime.strptime(text.removesuffix("Z"), form).replace(tzinfo=UTC if text.endswith("Z") else CHINA)
        except ValueError:
            continue
    try:
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC) if number > 1e8 else None
    except (ValueError, OverflowError, OSError):
        return _iso(text)


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def message_from(number: str, text: str, at: datetime | None, own_id: str, opt_out: str, **meta: str) -> list[Parsed]:
    """A customer's answer; when it says "no more", a notice beside it."""
    if not number:
        raise PermanentFailure("unreadable", "The message names no sender.")
    seed = "\n".join((number, text, at.isoformat() if at else "", *meta.values()))
    out = wants_out(text, opt_out)
    message = InboundMessage(
        provider_message_id=own_id or f"mo:{hashlib.sha256(seed.encode('utf-8', 'replace')).hexdigest()[:40]}",
        sender=Address(number),
        text=text[:MAX_TEXT],
        occurred_at=at,
        automatic="opt_out" if out else None,
        evidence=IdentityEvidence(level=IdentityLevel.L1, method="sms", subject=number),
        meta={name: value for name, value in meta.items() if value},
    )
    return [message, ChannelNotice(kind="opted_out", address=number)] if out else [message]
