"""The pump: due rows to their receivers. One receiver that is down keeps its own rows waiting and nobody else's."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from console.events.alarms.services import raise_alarm
from console.events.models import Event
from console.foundation.http import GuardedClient
from console.foundation.work import BACKOFF, claim, postpone, release, settle

from ..models import Webhook, WebhookDelivery
from .calling import GONE, Answer, call, client
from .payload import payload_of
from .switching import pause

log = logging.getLogger(__name__)
# Few at a time: each may take as long as a call may, and a claim must outlive all of them.
BATCH = 20
# So many failures in a row, over some four hours, and the webhook is paused; so many "gone" are enough.
MOST_FAILURES = 15
MOST_GONE = 3
LONGEST_WAIT = timedelta(minutes=20)
DEAD_ALARM = "api.webhook_refused"


def drain() -> int:
    """Send one batch; how many rows were claimed."""
    rows = claim(WebhookDelivery.objects.ready().select_related("webhook"), BATCH)
    events = Event.objects.in_bulk([row.event_id for row in rows])
    rows.sort(key=attrgetter("webhook_id", "pk"))
    with client() as line:
        for _webhook_id, mine in groupby(rows, attrgetter("webhook_id")):
            _work(line, list(mine), events)
    return len(rows)


def _work(line: GuardedClient, rows: Sequence[WebhookDelivery], events: Mapping[UUID, Event]) -> None:
    webhook = rows[0].webhook
    for number, row in enumerate(rows):
        event = events.get(row.event_id)
        if event is None:
            settle(row, row.DEAD, last_error="The event is not in the log any more.")
            continue
        answer = call(line, webhook, str(row.event_id), payload_of(event))
        if answer.ok:
            _delivered(webhook, row, answer)
        elif answer.refused:
            _refused(webhook, row, answer)
        else:
            _down(webhook, row, answer)
            for waiting in rows[number + 1 :]:
                release(waiting)
            return


def _facts(answer: Answer) -> dict[str, Any]:
    return {
        "response_status": answer.status,
        "response_excerpt": answer.text if answer.status is not None else "",
        "milliseconds": answer.milliseconds,
    }


def _delivered(webhook: Webhook, row: WebhookDelivery, answer: Answer) -> None:
    settle(row, row.DELIVERED, delivered_at=timezone.now(), last_error="", **_facts(answer))
    if webhook.failures or webhook.gone:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, gone=0, retry_at=None)
        webhook.failures = webhook.gone = 0


def _refused(webhook: Webhook, row: WebhookDelivery, answer: Answer) -> None:
    """This one is not wanted; the others may be. Given up after some attempts, for a person to decide."""
    if not postpone(row, answer.words, **_facts(answer)) and row.status == row.DEAD:
        raise_alarm(DEAD_ALARM, str(webhook.pk), data={"webhook": webhook.name})


def _down(webhook: Webhook, row: WebhookDelivery, answer: Answer) -> None:
    """The receiver is not well: its news waits, and no attempt is counted against it."""
    log.info("webhook_down", extra={"webhook": webhook.pk, "outcome": answer.status or "no_answer"})
    if release(row):
        WebhookDelivery.objects.filter(pk=row.pk).update(last_error=answer.words, **_facts(answer))
    wait = answer.rest or min(BACKOFF[min(webhook.failures, len(BACKOFF) - 1)], LONGEST_WAIT)
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(
            failures=F("failures") + 1,
            gone=F("gone") + 1 if answer.status == GONE else 0,
            retry_at=timezone.now() + wait,
        )
        now = Webhook.objects.select_for_update().get(pk=webhook.pk)
        if now.state == Webhook.State.ACTIVE and (now.gone >= MOST_GONE or now.failures >= MOST_FAILURES):
            pause(now, answer.words, by_itself=True)
