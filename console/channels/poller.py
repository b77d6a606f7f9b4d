"""Fetching: a poll's envelopes and its cursor commit together, and only then is the source told.

Two fetchers at once do no harm: what both bring is stored once. A lease only spares the source double work.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from console.events import clear_alarm, emit, raise_alarm
from console.foundation.leases import holder
from console.foundation.text.masking import redact
from console.foundation.work import ring_now
from console.plugin_api.channels import ChannelNotice, PollBatch
from console.plugin_host.instances import ConnectorHandle
from console.plugin_host.outcomes import Failure, Outcome

from . import gateway
from .models import ChannelAccount
from .models.account import WORKING
from .services.accounts import POLL_PUMP, mark_auth_failed, mark_trouble, mark_well
from .services.intake import accept_batch

log = structlog.get_logger(__name__)
ALARM = "channels.fetch"
STORE_ALARM = "channels.store"
LEASE = timedelta(minutes=3)
TURN_SECONDS = 60.0
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300))


def due() -> QuerySet[ChannelAccount]:
    """Accounts whose turn it is, for the sweeper too: its name for "when" is `next_attempt_at`. A refused sign-in is
    tried again, slowly: passwords get mended elsewhere."""
    now = timezone.now()
    free = Q(poll_lease_until__isnull=True) | Q(poll_lease_until__lte=now)
    rows = ChannelAccount.objects.filter(free, state__in=(*WORKING, "auth_failed"), next_poll_at__lte=now)
    return rows.annotate(next_attempt_at=F("next_poll_at"))


def ring_if_due() -> None:
    """Periodic duty of the watchdog."""
    if due().exists():
        ring_now(POLL_PUMP)


def poll_due() -> int:
    """The pump "channels.poll": a turn for the account that waits longest. Returns how many had one."""
    account = due().order_by("next_poll_at", "pk").first()
    return int(account is not None and poll_account(account) is not None)


def poll_account(account: ChannelAccount) -> int | None:
    """Fetch what is new on one account, batch by batch, for at most a minute; then somebody else has a turn.

    Returns how many envelopes were stored, None when another fetcher is at it or the account cannot be polled.
    Never raises for the source or the connector: what went wrong shows as the account's state and an alarm.
    """
    can = gateway.capabilities(account)
    if not _take(account):
        return None
    if not can.inbound_poll:
        _leave(account, timezone.now() + timedelta(hours=1))
        return None
    stored, more = 0, True
    ends = time.monotonic() + TURN_SECONDS
    live = gateway.handle(account)
    next_at = timezone.now()
    try:
        while more:
            step = _step(account, live)
            if step is None:
                next_at = timezone.now() + _pause(account)
                return stored
            stored, more = stored + step[0], step[1]
            if time.monotonic() > ends:
                break
        next_at = timezone.now() if more else timezone.now() + timedelta(seconds=max(1, account.poll_seconds))
        return stored
    finally:
        _leave(account, next_at)


def _step(account: ChannelAccount, live: ConnectorHandle) -> tuple[int, bool] | None:
    """One batch: fetch, commit with the cursor, acknowledge. None when it did not work."""
    outcome = live.call("poll", account.cursor)
    if not outcome.ok:
        _failed(account, outcome)
        return None
    batch: PollBatch = outcome.value
    try:
        stored = accept_batch(account, batch.envelopes, batch.next_cursor)
    except (DatabaseError, OSError) as error:
        # Nothing was committed, so nothing is acknowledged: the source keeps it.
        log.warning("fetch_not_stored", account=account.pk, error=type(error).__name__)
        _cannot_store(account, error)
        return None
    _well(account)
    _notices(account, batch.notices)
    _acknowledge(account, live, batch)
    return stored, batch.more


def _acknowledge(account: ChannelAccount, live: ConnectorHandle, batch: PollBatch) -> None:
    """After the commit. If it fails, the same items come again and are dropped as known."""
    if not batch.acknowledge:
        return
    outcome = live.call("acknowledge", batch.acknowledge)
    if not outcome.ok:
        log.warning("fetch_not_acknowledged", account=account.pk, error=outcome.error_class)


def _take(account: ChannelAccount) -> bool:
    """Lease the account; refresh what another fetcher may have moved on."""
    now = timezone.now()
    free = Q(poll_lease_until__isnull=True) | Q(poll_lease_until__lte=now)
    mine = {"poll_lease_until": now + LEASE, "poll_leased_by": holder()}
    if not ChannelAccount.objects.filter(free, pk=account.pk).update(**mine):
        return False
    account.refresh_from_db()
    return True


def _leave(account: ChannelAccount, next_at: datetime) -> None:
    ChannelAccount.objects.filter(pk=account.pk).update(poll_lease_until=None, next_poll_at=next_at)


def _failed(account: ChannelAccount, outcome: Outcome) -> None:
    account.poll_failures += 1
    ChannelAccount.objects.filter(pk=account.pk).update(poll_failures=account.poll_failures)
    if outcome.failure is Failure.AUTH:
        mark_auth_failed(account, outcome.message)
        return
    mark_trouble(account, outcome.message or outcome.error_class, account.poll_failures)
    if account.poll_failures >= 2:
        raise_alarm(ALARM, str(account.pk), data={"account": account.pk, "error": outcome.error_class})


def _well(account: ChannelAccount) -> None:
    if account.poll_failures:
        account.poll_failures = 0
        ChannelAccount.objects.filter(pk=account.pk).update(poll_failures=0)
        clear_alarm(ALARM, str(account.pk))
        clear_alarm(STORE_ALARM, str(account.pk))
    mark_well(account)


def _cannot_store(account: ChannelAccount, error: Exception) -> None:
    account.poll_failures += 1
    try:
        ChannelAccount.objects.filter(pk=account.pk).update(poll_failures=account.poll_failures)
        raise_alarm(STORE_ALARM, str(account.pk), data={"account": account.pk, "error": type(error).__name__})
    except DatabaseError:
        log.warning("alarm_not_stored", account=account.pk)


def _pause(account: ChannelAccount) -> timedelta:
    if account.state == "auth_failed":
        return BACKOFF[-1]
    return BACKOFF[min(max(account.poll_failures, 1), len(BACKOFF)) - 1]


def _notices(account: ChannelAccount, notices: tuple[ChannelNotice, ...]) -> None:
    """Items that could not even be fetched: on the record, and on the alarm list."""
    for notice in notices:
        emit(
            f"account:{account.pk}",
            "channel.notice",
            {"account_id": account.pk, "kind": notice.kind[:60]},
        )
        log.warning("channel_notice", account=account.pk, kind=notice.kind, detail=redact(notice.detail)[:200])
    if notices:
        raise_alarm("channels.notice", str(account.pk), data={"account": account.pk, "kind": notices[-1].kind[:60]})
