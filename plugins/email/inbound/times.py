"""When a mail was written, and when it reached the bank."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from ..mime.headers import Headers, read_block

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
OLDEST_DELAY = timedelta(days=21)
CHINESE = re.compile(
    r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*日?\D{0,12}?(\d{1,2}):(\d{2})(?::(\d{2}))?"
)


def read_date(text: str) -> datetime | None:
    """An aware time from a Date field, None when it makes no sense. Never raises."""
    try:
        fields = parsedate_tz(text[:200])
    except (TypeError, ValueError, IndexError, OverflowError):
        fields = None
    values = list(fields[:6]) if fields else None
    offset = (fields[9] or 0) if fields else 8 * 3600
    if values is None:
        match = CHINESE.search(text[:200])
        if not match:
            return None
        values = [int(group or 0) for group in match.groups()]
    try:
        found = datetime(*values, tzinfo=UTC) - timedelta(seconds=offset)  # type: ignore[misc]
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found >= EARLIEST else None


def reached_at(raw: bytes, stored_at: datetime | None, *, hops: int = 1) -> datetime | None:
    """When the bank's own servers first had the mail.

    `stored_at` is when the mailbox took it. A Received line of our own servers (the topmost `hops`) may be
    earlier: the voice counts from then. Anything later, or weeks away, is not believed.
    """
    head = raw[: 64 * 1024]
    headers = read_block(head, 0, len(head), top=True).headers
    return earliest_received(headers, stored_at, hops=hops)


def earliest_received(headers: Headers, stored_at: datetime | None, *, hops: int = 1) -> datetime | None:
    """As `reached_at`, for a header that was read before."""
    best = stored_at
    for count, raw in enumerate(headers.all_raw("received")):
        if count >= hops:
            break
        at = read_date(raw.rpartition(b";")[2].decode("latin-1").strip())
        if at and (best is None or best - OLDEST_DELAY <= at < best):
            best = at
    return best
