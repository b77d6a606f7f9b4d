"""The pump "channels.send": queued deliveries become sent ones, once.

A delivery is claimed and marked as being sent, both committed, before the connector is called; what the other side
took is marked as taken, committed, before the next one begins. So after a crash a delivery stands untouched (it goes
again), in the middle of a send (it becomes `unknown`, unless the channel drops repeats by the key), or taken with its
news untold (it is told then). The news of many is told in one transaction. While the other side of an account is away
the whole account waits, and nothing is given up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone

from console.events import NewEvent, clear_alarm, correlation, emit_many, raise_alarm
from console.foundation.leases import holder
from console.foundation.rows import write_many
from console.foundation.text.masking import redact
from console.foundation.transactions import assert_no_transaction
from console.foundation.work import BACKOFF, ring_now
from console.plugin_api.capabilities import LinkRule, ReceiptSource
from console.plugin_api.channels import (
    Address,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    ParticipantRole,
    SendClass,
    SendOutcome,
    SendResult,
)
from console.plugin_api.links import find_links
from console.plugin_host.instances import ConnectorHandle
from console.plugin_host.outcomes import Failure, Outcome

from .. import gateway, vault
from ..models import ChannelAccount, Delivery, DeliveryState, Message, MessageParticipant, ScanState
from ..models.account import WORKING
from ..tokens import key_in
from . import windows
from .accounts import mark_auth_failed
from .attempts import TYPE as LINK_REFUSED
from .attempts import flush
from .intake import short
from .receipts import match_waiting
from .sending import FAILED_ALARM, SEND_PUMP, outbound_parts

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=5)
# What a send may take at the longest: nobody begins one that could outlive its lease.
LEASE_LEFT = timedelta(minutes=2, seconds=30)
CLAIM = 20
# News of what was taken waits this long for more, at most.
TELL_AFTER = 1.0
OUTAGE_ALARM = "channels.outage"
UNKNOWN_ALARM = "channels.unknown"
LIVE = (DeliveryState.QUEUED, DeliveryState.SENDING)
# What news of a send may still move: receipts have not said more.
UNSETTLED = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
SCAN_WAIT = timedelta(seconds=15)
OUTAGE_STEPS = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 60, 120))
# Failures of a call that say for certain that nothing went out.
NOT_TAKEN = (Failure.RETRY, Failure.CIRCUIT_OPEN, Failure.DISABLED, Failure.MISSING, Failure.AUTH, Failure.CONFIG)


def due() -> QuerySet[Delivery]:
    """Deliveries that wait to be sent, or whose sender died."""
    open_accounts = Q(account__send_after__isnull=True) | Q(account__send_after__lte=timezone.now())
    return Delivery.objects.filter(open_accounts, status__in=LIVE, account__state__in=WORKING)


def send_pending(limit: int = 100) -> int:
    """Send what is due, account by account. Returns how many deliveries were taken in hand."""
    assert_no_transaction("Sending")
    flush()
    handled = 0
    for account in _accounts_with_work():
        handled += _Run(account).drain(limit - handled)
        if handled >= limit:
            break
    return handled


def _accounts_with_work() -> list[ChannelAccount]:
    ready = due().filter(next_attempt_at__lte=timezone.now()).order_by()
    pks = ready.values_list("account_id", flat=True).distinct()
    accounts = list(ChannelAccount.objects.filter(pk__in=list(pks)))
    # Whoever waited longest goes first, so that one busy account does not starve the others.
    return sorted(accounts, key=lambda account: account.send_failures)


class _Run:
    """One account's turn."""

    def __init__(self, account: ChannelAccount) -> None:
        self.account = account
        self.handle: ConnectorHandle = gateway.handle(account)
        self.can = gateway.refreshed(account, self.handle)
        self.stopped = False
        self.untold: list[Delivery] = []
        self.waits_since = 0.0

    def drain(self, limit: int) -> int:
        handled = 0
        while handled < limit and not self.stopped:
            rows = _claim(self.account, min(limit - handled, CLAIM))
            if not rows:
                break
            try:
                handled += sum(self._take(row) for row in rows)
            finally:
                self._tell()
        return handled

    def _take(self, row: Delivery) -> bool:
        """Work one claimed delivery, or give it back when the account rests or time is short."""
        if self.stopped or timezone.now() > row.lease_until - LEASE_LEFT:
            _give_back(row)
            return False
        self._one(row)
        if self.untold and time.monotonic() - self.waits_since > TELL_AFTER:
            self._tell()
        return True

    def _one(self, row: Delivery) -> None:
        row.account = self.account
        with correlation(row.correlation_id):
            if _was_taken(row):
                self._tell_later(row)
            elif row.status == DeliveryState.SENDING and not self.can.idempotent_send:
                become_unknown(row, "sender_died", "The sending process ended in the middle.")
            elif row.give_up_at <= timezone.now() and row.attempts > 1:
                fail(row, "gave_up", row.last_error)
            elif self.can.reply_windows and not windows.still_open(row):
                fail(row, windows.CLOSED, "")
            else:
                self._send(row)

    def _tell_later(self, row: Delivery) -> None:
        self.waits_since = self.waits_since if self.untold else time.monotonic()
        self.untold.append(row)

    def _tell(self) -> None:
        """Tell of everything taken so far, together; one by one when that does not work."""
        rows, self.untold = self.untold, []
        try:
            tell_taken(rows)
        except Exception as error:
            log.info("news_told_singly", deliveries=len(rows), error=type(error).__name__)
            for row in rows:
                _tell_one(row)

    def _send(self, row: Delivery) -> None:
        message = self._outbound(row)
        if message is None or not _begin(row):
            return
        outcome = self.handle.call("send", message, row.key)
        if outcome.ok:
            self._answered(row, outcome.value)
        else:
            self._unanswered(row, outcome)

    def _outbound(self, row: Delivery) -> OutboundMessage | None:
        """The message for the connector; None when a file is not ready or will never be."""
        files = list(row.message.attachments.all())
        if any(file.state == ScanState.PENDING for file in files):
            _later(row, "waiting_for_scan", SCAN_WAIT, counted=False)
            return None
        if any(not file.offered for file in files):
            fail(row, "file_not_clean", "")
            return None
        try:
            message = _message(row, tuple(_attachment(file) for file in files))
        except vault.VaultError:
            fail(row, "file_missing", "")
            return None
        return None if self._holds_link(row, message) else message

    def _holds_link(self, row: Delivery, message: OutboundMessage) -> bool:
        """The last look before the connector, whoever queued it and whenever: no link leaves where none may."""
        if self.can.links is not LinkRule.NONE or not find_links(f"{message.subject}\n{message.text}"):
            return False
        tell(row, LINK_REFUSED)
        fail(row, "link", "")
        return True

    def _answered(self, row: Delivery, result: SendResult) -> None:
        if result.outcome is SendOutcome.ACCEPTED:
            mark_taken(row, result)
            self._tell_later(row)
            self._back()
        elif result.outcome is SendOutcome.REJECTED:
            fail(row, result.code, result.detail)
            self._back()
        elif result.outcome is SendOutcome.RETRY_LATER:
            self._away(row, result.code, result.detail, result.retry_after)
        else:
            become_unknown(row, result.code, result.detail)

    def _unanswered(self, row: Delivery, outcome: Outcome) -> None:
        """The call gave no result. Only what is certain to have reached nobody may be tried again."""
        if outcome.failure is Failure.PERMANENT:
            fail(row, outcome.code or outcome.error_class, outcome.message)
        elif outcome.failure in NOT_TAKEN:
            if outcome.failure is Failure.AUTH:
                mark_auth_failed(self.account, outcome.message)
                self.stopped = True
            self._away(row, outcome.error_class, outcome.message, outcome.retry_after, counted=outcome.called)
        elif self.can.idempotent_send:
            _later(row, outcome.error_class, _backoff(row))
        else:
            become_unknown(row, outcome.error_class, outcome.message)

    def _away(self, row: Delivery, code: str, detail: str, wait: float | None, counted: bool = True) -> None:
        """The other side is busy or gone: this delivery waits, and after a second refusal the account with it."""
        if counted and row.give_up_at <= timezone.now():
            fail(row, "gave_up", detail or code)
            return
        pause = timedelta(seconds=wait) if wait is not None else _backoff(row)
        _later(row, f"{code}: {redact(detail)}" if detail else code, max(pause, timedelta(seconds=1)), counted=counted)
        self.account.send_failures += 1
        if self.account.send_failures >= 2:
            self.stopped = True
            _pause(self.account)

    def _back(self) -> None:
        """The other side takes messages again: everything that waited for it is due now."""
        if not self.account.send_failures:
            return
        self.account.send_failures = 0
        now = timezone.now()
        with transaction.atomic():
            ChannelAccount.objects.filter(pk=self.account.pk).update(send_failures=0, send_after=None)
            waiting = Delivery.objects.filter(account=self.account, status=DeliveryState.QUEUED, attempts__gt=0)
            waiting.filter(lease_until__isnull=True, next_attempt_at__gt=now).update(next_attempt_at=now)
            clear_alarm(OUTAGE_ALARM, str(self.account.pk))
        ring_now(SEND_PUMP)


def _claim(account: ChannelAccount, limit: int) -> list[Delivery]:
    """Take due deliveries of an account, unless as many senders as it allows are at work on it already.

    One sender sends one message at a time; each batch it took has a lease end of its own, so leases count senders.
    """
    now = timezone.now()
    mine = Delivery.objects.filter(account=account, status__in=LIVE)
    with transaction.atomic():
        ChannelAccount.objects.select_for_update(of=("self",)).filter(pk=account.pk).values_list("pk").first()
        senders = mine.filter(lease_until__gt=now).values("lease_until").distinct().count()
        if senders >= max(1, account.send_concurrency):
            return []
        waiting = (
            mine.filter(next_attempt_at__lte=now)
            .select_related("message", "identity")
            .prefetch_related(
                Prefetch("message__participants", MessageParticipant.objects.select_related("identity")),
                "message__attachments",
            )
        )
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        rows = list(waiting.order_by("next_attempt_at", "pk")[:limit])
        until = now + LEASE
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1, lease_until=until, leased_by=holder(), next_attempt_at=until
        )
    for row in rows:
        row.attempts += 1
        row.lease_until = row.next_attempt_at = until
    return rows


def _begin(row: Delivery) -> bool:
    """Commit that the send begins now; False when somebody took the message back or another worker has it."""
    now = timezone.now()
    mine = Delivery.objects.filter(pk=row.pk, lease_until=row.lease_until, status__in=LIVE)
    if not mine.update(status=DeliveryState.SENDING, status_at=now, sending_at=now):
        return False
    row.status, row.sending_at = DeliveryState.SENDING, now
    return True


def accept(row: Delivery, result: SendResult) -> None:
    """The provider took it: written down and told at once."""
    with transaction.atomic():
        mark_taken(row, result)
        tell_taken([row])


def mark_taken(row: Delivery, result: SendResult) -> None:
    """Write down that the provider took it, and under which name; `tell_taken` says so to everybody else."""
    named = short(result.provider_message_id, 255)
    partly = [
        _note(f"recipient_{one.outcome}", one.code)
        for one in result.recipients
        if one.outcome is not SendOutcome.ACCEPTED
    ]
    changes = {
        "provider_message_id": named,
        "sent_at": timezone.now(),
        "reason": "",
        **({"payload": None} if row.send_class == SendClass.SECURITY_CODE else {}),
        **({"evidence": [*row.evidence, *partly]} if partly else {}),
    }
    if not named or key_in(named) == row.key:
        _change(row, changes)
    else:
        with transaction.atomic():
            _change(row, changes)
            Message.objects.filter(pk=row.message_id).update(provider_message_id=named, wire_id=named)
    log.info("delivery_accepted", delivery=row.pk, message=row.message_id, account=row.account_id)


def _was_taken(row: Delivery) -> bool:
    """Whether the other side took it, in this send and not an earlier one, and its sender died before telling."""
    return row.status == DeliveryState.SENDING and row.sent_at is not None and row.sent_at >= row.sending_at


def tell_taken(rows: Sequence[Delivery]) -> None:
    """Move deliveries that were taken to their new state and tell of them, all or nothing.

    Left out are those that news from the provider moved on in the meantime, or another worker has claimed since.
    """
    if not rows:
        return
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk__in=[row.pk for row in rows], status__in=UNSETTLED).order_by("pk")
        leases = dict(waiting.select_for_update(of=("self",)).values_list("pk", "lease_until"))
        told = [row for row in rows if row.pk in leases and leases[row.pk] in (row.lease_until, None)]
        now = timezone.now()
        Delivery.objects.filter(pk__in=[row.pk for row in told]).update(
            status=DeliveryState.SENT, status_at=now, next_attempt_at=None, lease_until=None
        )
        for row in told:
            row.status, row.status_at = DeliveryState.SENT, now
        emit_many(_news(row, "delivery.accepted") for row in told)
        match_waiting([row for row in told if _has_receipts(row.account)])
    for row in told:
        # Only now: until it is committed, the lease is what says that it is ours to tell.
        row.next_attempt_at = row.lease_until = None


def _has_receipts(account: ChannelAccount) -> bool:
    return gateway.capabilities(account).receipt_source is not ReceiptSource.NONE


def _tell_one(row: Delivery) -> None:
    try:
        tell_taken([row])
    except Exception:
        # It stays marked as taken: whoever claims it when the lease ends tells.
        log.exception("news_not_told", delivery=row.pk)


def fail(row: Delivery, code: str, detail: str) -> None:
    """It will not be delivered. A person is told, because somebody counts on it."""
    with transaction.atomic():
        _finish(
            row, DeliveryState.FAILED, reason=_reason(code, detail), evidence=[*row.evidence, _note("failed", code)]
        )
        windows.give_back(row, code)
        tell(row, "delivery.failed", code=_word(code))
        raise_alarm(FAILED_ALARM, str(row.account_id), data={"account": row.account_id, "delivery": row.pk})


def become_unknown(row: Delivery, code: str, detail: str) -> None:
    """It may have gone out. Nobody sends it again until the provider or a person says what became of it."""
    with transaction.atomic():
        _finish(
            row, DeliveryState.UNKNOWN, reason=_reason(code, detail), evidence=[*row.evidence, _note("unknown", code)]
        )
        tell(row, "delivery.unknown", code=_word(code))
        raise_alarm(UNKNOWN_ALARM, str(row.account_id), data={"account": row.account_id, "delivery": row.pk})
        match_waiting([row])


def tell(row: Delivery, type_: str, **more: object) -> None:
    """Emit what became of a delivery, with its ids."""
    emit_many([_news(row, type_, **more)])


def _news(row: Delivery, type_: str, **more: object) -> NewEvent:
    return NewEvent(
        f"account:{row.account_id}",
        type_,
        {
            "delivery_id": row.pk,
            "message_id": row.message_id,
            "send_class": row.send_class,
            "purpose": row.purpose,
            **more,
        },
        correlation_id=row.correlation_id,
    )


def _finish(row: Delivery, status: DeliveryState, **changes: object) -> None:
    changes |= {"status": status, "status_at": timezone.now(), "next_attempt_at": None, "lease_until": None}
    _change(row, changes)


def _later(row: Delivery, error: str, wait: timedelta, counted: bool = True) -> None:
    row.attempts = row.attempts if counted else row.attempts - 1
    changes = {
        "status": DeliveryState.QUEUED,
        "attempts": row.attempts,
        "last_error": error[:300],
        "next_attempt_at": timezone.now() + wait,
        "lease_until": None,
    }
    _change(row, changes)


def _change(row: Delivery, changes: dict[str, object]) -> None:
    _set(row, changes)
    write_many([row], list(changes))


def _set(row: Delivery, changes: dict[str, object]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def _give_back(row: Delivery) -> None:
    _later(row, row.last_error, timedelta(0), counted=False)


def _backoff(row: Delivery) -> timedelta:
    return BACKOFF[min(max(row.attempts, 1), len(BACKOFF)) - 1]


def _pause(account: ChannelAccount) -> None:
    """Let the account rest, a little longer each time, and say so once."""
    step = OUTAGE_STEPS[min(account.send_failures - 2, len(OUTAGE_STEPS) - 1)]
    with transaction.atomic():
        ChannelAccount.objects.filter(pk=account.pk).update(
            send_failures=account.send_failures, send_after=timezone.now() + step
        )
        # The first delivery to wait is the probe: when the pause ends it must be due.
        waiting = Delivery.objects.filter(account=account, status=DeliveryState.QUEUED, lease_until__isnull=True)
        probe = waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True).first()
        waiting.filter(pk=probe, next_attempt_at__gt=timezone.now() + step).update(
            next_attempt_at=timezone.now() + step
        )
        raise_alarm(OUTAGE_ALARM, str(account.pk), data={"account": account.pk, "waiting": waiting.count()})


def _message(row: Delivery, files: tuple[OutboundAttachment, ...]) -> OutboundMessage:
    people = row.message.participants.all()
    return OutboundMessage(
        key=row.key,
        recipients=tuple(
            Participant(ParticipantRole(one.role), Address(one.identity.address, one.identity.name or ""))
            for one in people
            if one.identity is not None
        ),
        attachments=files,
        send_class=SendClass(row.send_class),
        **_with_automatic(row),
    )


def _with_automatic(row: Delivery) -> dict[str, object]:
    """Everything else, with a mark on what no person wrote: mail says so in its header."""
    parts = outbound_parts(row)
    parts["meta"] = parts["meta"] | {"automatic": row.automatic, "purpose": row.purpose}
    return parts


def _attachment(file: object) -> OutboundAttachment:
    return OutboundAttachment(
        name=file.name,
        content_type=file.content_type,
        content=vault.read_all(file.stored_as),
        content_id=file.content_id,
        inline=file.inline,
    )


def _reason(code: str, detail: str) -> str:
    return f"{code}: {redact(detail)}"[:300] if detail else code[:300]


def _note(what: str, code: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "what": what, "code": _word(code)}


def _word(code: str) -> str:
    return "".join(char for char in code if char.isascii() and (char.isalnum() or char in "._-"))[:60]
