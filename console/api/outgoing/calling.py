"""One call to a receiver, and what its answer means."""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from console.foundation.errors import told
from console.foundation.http import AddressBlocked, GuardedClient, guarded_client

from ..models import Webhook
from .signing import signed

SECONDS = 10.0
MAX_ANSWER = 64 * 1024
EXCERPT = 500
GONE = 410
BUSY = frozenset({408, 425, 429})
LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call. `status` is None when no answer came."""

    status: int | None
    text: str = ""
    milliseconds: int = 0
    rest: timedelta | None = None  # the receiver asks to be left alone so long

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """The receiver is well and does not want this one."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in BUSY | {GONE}

    @property
    def words(self) -> str:
        """For the log: the status, or what went wrong."""
        return f"HTTP {self.status}" if self.status is not None else self.text


def client() -> GuardedClient:
    """Bounded calls that never reach inner addresses unless HUIYIN_HTTP_ALLOW names them."""
    return guarded_client(SECONDS, max_bytes=MAX_ANSWER, total_seconds=SECONDS)


def call(line: GuardedClient, webhook: Webhook, message_id: str, payload: dict[str, Any]) -> Answer:
    """Post the payload, signed. Never raises for what the receiver or the network does."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", **signed(keys_of(webhook), message_id, int(time.time()), body)}
    began = time.monotonic()
    try:
        response = line.post(webhook.url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        said = _("The address is not allowed.") if isinstance(error, AddressBlocked) else told(error)
        return Answer(None, said[:EXCERPT], _since(began))
    return Answer(response.status_code, _excerpt(response), _since(began), _rest(response))


def keys_of(webhook: Webhook) -> list[str]:
    """The secret, and for a day the one before it."""
    until = webhook.old_secret_until
    return [webhook.secret, webhook.old_secret] if until and until > timezone.now() else [webhook.secret]


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _excerpt(response: httpx.Response) -> str:
    """Readable letters only: what a stranger sends is shown to people and stored."""
    text = response.content[: EXCERPT * 4].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text)[:EXCERPT]


def _rest(response: httpx.Response) -> timedelta | None:
    seconds = response.headers.get("Retry-After", "")
    return min(timedelta(seconds=int(seconds)), LONGEST_REST) if seconds.isdecimal() and len(seconds) < 7 else None
