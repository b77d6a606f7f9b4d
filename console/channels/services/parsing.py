"""The pump "channels.parse": stored envelopes become messages, receipts and notices.

The connector is called outside any transaction, envelope by envelope; what it said is stored batch by batch. If a
batch cannot be stored, its envelopes are stored one by one, so the one that does not work stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils import timezone

from console.events import correlation
from console.foundation.errors import story, words_of
from console.foundation.text.masking import redact
from console.foundation.work import BATCH, LEASE, claim, postpone, release
from console.plugin_api.capabilities import Capabilities
from console.plugin_api.channels import ChannelNotice, DeliveryReceipt, IdentityEvidence, InboundMessage
from console.plugin_host.instances import ConnectorHandle
from console.plugin_host.models import PluginRun
from console.plugin_host.outcomes import Outcome

from .. import fresh, gateway
from ..models import ChannelAccount, Envelope, EnvelopeStatus
from .attachments import file_inbound, forget_files
from .intake import raw_of, view_of
from .preparing import Us, prepare
from .quarantine import quarantine
from .storing import Opened, seen_before, store

log = structlog.get_logger(__name__)
CHUNK = 25
CHUNK_BYTES = 8 * 1024 * 1024
MAX_ATTEMPTS = 5
TRIES = 3
AWAY = timedelta(seconds=60)


def due() -> QuerySet[Envelope]:
    """Envelopes that wait to be parsed."""
    return Envelope.objects.filter(status=EnvelopeStatus.PENDING)


def parse_pending(limit: int = BATCH) -> int:
    """Claim due envelopes and parse them. Returns how many were taken in hand."""
    rows = claim(due().filter(attempts=0).defer("raw", "headers", "traceback"), limit=limit)
    if rows:
        _Batch(rows).run()
    return len(rows) + _parse_suspect()


def _parse_suspect() -> int:
    """One envelope that was begun before and never ended. Alone: what kills a worker takes no other along."""
    rows = claim(due().filter(attempts__gt=0).defer("raw", "headers", "traceback"), limit=1)
    if rows:
        _Batch(rows).run()
    return len(rows)


@dataclass(slots=True)
class _Place:
    """An account with what is asked of it again and again during a batch."""

    account: ChannelAccount
    handle: ConnectorHandle
    capabilities: Capabilities
    scope: str
    assesses: bool
    away: Outcome | None = None


@dataclass(slots=True)
class _Batch:
    """Claimed envelopes on their way to the tables."""

    rows: list[Envelope]
    places: dict[int, _Place] = field(default_factory=dict)
    us: Us = field(default_factory=lambda: Us({}))

    def run(self) -> None:
        accounts = ChannelAccount.objects.select_related("site", "team").in_bulk({row.account_id for row in self.rows})
        self.places = {pk: _place(account) for pk, account in accounts.items()}
        self.us = us()
        last = self.rows[0].lease_until - LEASE / 2
        for chunk in _chunks(self.rows):
            if timezone.now() > last:
                _give_back(chunk)
                continue
            try:
                self._chunk(chunk)
            finally:
                fresh.forget()

    def _chunk(self, chunk: list[Envelope]) -> None:
        bodies = Envelope.objects.filter(pk__in=[row.pk for row in chunk]).values_list("pk", "raw", "headers")
        found = {pk: (raw, headers) for pk, raw, headers in bodies}
        opened = []
        for row in chunk:
            row.account = self.places[row.account_id].account
            row.raw, row.headers = found[row.pk]
            with correlation(row.correlation_id):
                result = self._open(row)
            row.raw = None
            if result is not None:
                opened.append(result)
        self._file(opened)
        self._store(opened)

    def _open(self, row: Envelope) -> Opened | None:
        """Parse one envelope. None when it was put aside or has to wait."""
        if row.attempts > MAX_ATTEMPTS:
            quarantine(row, "gave_up", "Parsing began again and again and never ended.")
            return None
        place = self.places[row.account_id]
        if place.away is not None:
            _wait(row, place.away)
            return None
        try:
            outcome = place.handle.call("parse", view_of(row, raw_of(row)))
            if outcome.ok:
                return self._sort(row, place, outcome.value)
        except (OperationalError, InterfaceError, OSError) as error:
            _later(row, error)
            return None
        except Exception as error:
            _aside(row, error)
            return None
        if outcome.waits:
            place.away = None if outcome.called else outcome
            _wait(row, outcome)
        else:
            quarantine(row, outcome.error_class, redact(outcome.message), redact(_trace(outcome)))
        return None

    def _sort(self, row: Envelope, place: _Place, items: Sequence[object]) -> Opened:
        opened = Opened(row)
        for item in items:
            if isinstance(item, InboundMessage):
                evidence = _evidence(place, item)
                opened.messages.append(prepare(item, row, place.account, place.scope, self.us, evidence))
            elif isinstance(item, DeliveryReceipt):
                opened.receipts.append(item)
            elif isinstance(item, ChannelNotice):
                opened.notices.append(item)
        return opened

    def _file(self, opened: list[Opened]) -> None:
        """Put the files of new messages into the vault; those of a message seen before are there already."""
        with_files = [one for entry in opened for one in entry.messages if one.item.attachments]
        if not with_files:
            return
        seen = seen_before([one.key for one in with_files])
        for entry in list(opened):
            try:
                for one in entry.messages:
                    if one.item.attachments and (one.scope, one.key) not in seen:
                        one.attachments = file_inbound(one.account, one.item.attachments)
            except OSError as error:
                opened.remove(entry)
                _forget(entry)
                _later(entry.envelope, error)

    def _store(self, opened: list[Opened]) -> None:
        if opened and not _stored(opened):
            for entry in opened:
                self._store_one(entry)

    def _store_one(self, entry: Opened) -> None:
        error = _try_to_store(entry)
        if error is None:
            return
        _forget(entry)
        if isinstance(error, OperationalError | InterfaceError):
            _later(entry.envelope, error)
        else:
            _aside(entry.envelope, error)


def _try_to_store(entry: Opened) -> Exception | None:
    """Store one envelope. Whoever loses a race for a unique key looks again and finds a duplicate."""
    for turn in range(TRIES):
        try:
            store([entry])
        except IntegrityError as error:
            if turn == TRIES - 1:
                return error
        except Exception as error:
            return error
        else:
            _drop_spare_files(entry)
            _say(entry)
            return None
    return None


def _drop_spare_files(entry: Opened) -> None:
    """Files of messages that turned out to be there already."""
    kept = {id(one) for one in entry.fresh}
    for one in entry.messages:
        if id(one) not in kept:
            forget_files(one.attachments)


def us() -> Us:
    """Our own addresses on every account, by kind of channel."""
    found: dict[str, set[str]] = {}
    for account in ChannelAccount.objects.only("channel_kind", "address", "aliases"):
        found.setdefault(account.channel_kind, set()).update(account.own_addresses())
    return Us({kind: frozenset(addresses) for kind, addresses in found.items()})


def _stored(opened: list[Opened]) -> bool:
    """Store the whole batch at once; False when it must be done one by one."""
    try:
        store(opened)
    except Exception as error:
        log.info("batch_stored_singly", envelopes=len(opened), error=type(error).__name__)
        fresh.forget()
        return False
    for entry in opened:
        _drop_spare_files(entry)
        _say(entry)
    return True


def _place(account: ChannelAccount) -> _Place:
    can = gateway.capabilities(account)
    scope = account.connector if can.shared_message_ids else account.ref
    return _Place(account, gateway.handle(account), can, scope[:60], gateway.overrides(account, "assess_identity"))


def _evidence(place: _Place, item: InboundMessage) -> IdentityEvidence | None:
    """What the channel proves about the sender, never above what its connector declared."""
    evidence = item.evidence
    if evidence is None and place.assesses:
        outcome = place.handle.call("assess_identity", item)
        evidence = outcome.value if outcome.ok else None
    if evidence is None:
        return None
    level = min(evidence.level, place.capabilities.identity_max)
    return IdentityEvidence(
        level=level, method=evidence.method, subject=evidence.subject, expires_at=evidence.expires_at
    )


def _chunks(rows: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    chunk: list[Envelope] = []
    size = 0
    for row in rows:
        if chunk and (len(chunk) >= CHUNK or size + row.size > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += row.size
    if chunk:
        yield chunk


def _wait(row: Envelope, outcome: Outcome) -> None:
    """The connector is off or its circuit open: the envelope waits and no attempt is counted."""
    wait = timedelta(seconds=outcome.retry_after) if outcome.retry_after is not None else AWAY
    postpone(row, outcome.error_class, after=wait, attempts=row.attempts - 1)


def _later(row: Envelope, error: Exception) -> None:
    """The house itself is unwell (disk, database): nothing is the mail's fault, so it waits."""
    log.warning("envelope_waits", envelope=row.public_ref, error=type(error).__name__)
    try:
        postpone(row, type(error).__name__, after=AWAY, attempts=max(row.attempts - 1, 0))
    except (OperationalError, InterfaceError):
        log.warning("envelope_left_to_its_lease", envelope=row.public_ref)


def _aside(row: Envelope, error: Exception) -> None:
    """The mail itself breaks our own code: kept, shown, replayable."""
    quarantine(row, type(error).__name__, words_of(error), story(error, 12))


def _give_back(chunk: Sequence[Envelope]) -> None:
    for row in chunk:
        release(row)


def _say(entry: Opened) -> None:
    """One line a stored envelope: with its correlation id the whole way can be followed in the logs."""
    envelope = entry.envelope
    log.info(
        "envelope_parsed",
        envelope=envelope.public_ref,
        account=envelope.account_id,
        outcome=str(entry.outcome),
        messages=[one.message.pk for one in entry.fresh],
        correlation=envelope.correlation_id,
    )


def _trace(outcome: Outcome) -> str:
    if not outcome.run_id:
        return ""
    return PluginRun.objects.filter(pk=outcome.run_id).values_list("trace", flat=True).first() or ""


def _forget(entry: Opened) -> None:
    for one in entry.messages:
        forget_files(one.attachments)
