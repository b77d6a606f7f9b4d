"""Which webhooks want which events, as read a moment ago: asked at every event, so it costs no query."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.db import transaction

from console.foundation.work import ring

from ..models import Webhook, WebhookDelivery

PUMP = "webhooks"
# A webhook made or changed in another process is known here after so many seconds.
FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Wish:
    """One webhook and the types it wants."""

    webhook_id: int
    patterns: tuple[str, ...]

    def wants(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.patterns)


class Wishes:
    """All of them, read again when they are old or something here changed them."""

    def __init__(self) -> None:
        self.known: tuple[Wish, ...] = ()
        self.until = 0.0

    def all(self) -> tuple[Wish, ...]:
        if time.monotonic() >= self.until:
            self.until = time.monotonic() + FRESH_SECONDS
            rows = Webhook.objects.exclude(state=Webhook.State.OFF).only("types")
            self.known = tuple(Wish(row.pk, row.patterns) for row in rows)
        return self.known

    def forget(self) -> None:
        """What is known is old: for this transaction now, for others when it commits."""
        self._expire()
        transaction.on_commit(self._expire)

    def _expire(self) -> None:
        self.until = 0.0

    def rest(self) -> None:
        """Nothing is wanted until somebody says so: for tests, whose rows are rolled back."""
        self.known, self.until = (), float("inf")


wishes = Wishes()


def note(events: Sequence[Any]) -> None:
    """Write a row for each webhook that wants one of these, in the transaction of what happened."""
    rows = [
        WebhookDelivery(webhook_id=wish.webhook_id, event_id=event.id, event_type=event.type)
        for wish in wishes.all()
        for event in events
        if wish.wants(event.type)
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)
        ring(PUMP)
