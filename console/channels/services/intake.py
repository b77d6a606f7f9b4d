"""Storing envelopes: the first thing that happens to anything a customer said."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, Field
from django.utils import timezone

from console.events import new_correlation_id
from console.foundation.ids import public_reference
from console.foundation.work import ring, ring_now
from console.plugin_api.channels import EnvelopeView

from .. import vault
from ..models import ChannelAccount, Envelope, EnvelopeStatus, IntakeDay, Origin

PARSE_PUMP = "channels.parse"
ROW_LIMIT = 512 * 1024
REF_PREFIX = "EN"
MAX_REF = 255
RING_SECONDS = 0.02


def accept(
    account: ChannelAccount,
    raw: bytes,
    headers: Mapping[str, str] | None = None,
    reached_at: datetime | None = None,
    provider_ref: str = "",
    *,
    query: Mapping[str, str] | None = None,
    origin: str = Origin.WEBHOOK,
    status: str = EnvelopeStatus.PENDING,
    reason: str = "",
) -> Envelope:
    """Commit raw bytes as an envelope and ring for the parser. The same `provider_ref` again gives the first one back.

    Whatever the database or the disk raises goes to the caller, who then has not received anything: the sender
    keeps it. Nothing is looked at here.
    """
    view = EnvelopeView(
        raw=raw, headers=headers or {}, query=query or {}, reached_at=reached_at, provider_ref=provider_ref
    )
    envelope = build(account, view, origin=origin, status=status, reason=reason)
    try:
        _insert(envelope)
    except IntegrityError:
        vault.delete(envelope.stored_as)
        known = Envelope.objects.filter(account=account, provider_ref=envelope.provider_ref).first()
        if known is None or not envelope.provider_ref:
            raise
        return known
    except BaseException:
        vault.delete(envelope.stored_as)
        raise
    if status == EnvelopeStatus.PENDING:
        _ring()
    return envelope


def accept_batch(account: ChannelAccount, views: Sequence[EnvelopeView], cursor: str, origin: str = Origin.POLL) -> int:
    """Commit what a poll found together with the cursor that was reached. Returns how many were new.

    Items that were handed over before (their acknowledgement was lost, or another fetcher was faster) are dropped here.
    """
    began = timezone.now()
    envelopes = [build(account, view, origin=origin, now=began) for view in views]
    try:
        with transaction.atomic():
            fresh = _insert_new(account, envelopes)
            now = timezone.now()
            changes = {"cursor": cursor, "last_polled_at": now} | ({"last_inbound_at": now} if fresh else {})
            ChannelAccount.objects.filter(pk=account.pk).update(**changes)
            if envelopes:
                repeated = len(envelopes) - len(fresh)
                count_intake(account, began, fetched=len(envelopes), stored=len(fresh), repeated=repeated)
            if fresh:
                ring(PARSE_PUMP)
    except BaseException:
        _forget_files(envelopes)
        raise
    _forget_files(envelope for envelope in envelopes if envelope.public_ref not in fresh)
    account.cursor = cursor
    return len(fresh)


def build(
    account: ChannelAccount, view: EnvelopeView, *, origin: str, now: datetime | None = None, **more: str
) -> Envelope:
    """An unsaved envelope. Big bodies go to the vault first; a row that is never committed leaves only a stray file."""
    now = now or timezone.now()
    big = len(view.raw) > ROW_LIMIT
    return Envelope(
        account=account,
        public_ref=public_reference(REF_PREFIX),
        origin=origin,
        raw=None if big else view.raw,
        stored_as=vault.write(view.raw) if big else "",
        headers={"headers": dict(view.headers), "query": dict(view.query)} if view.headers or view.query else {},
        size=len(view.raw),
        sha256=hashlib.sha256(view.raw).hexdigest(),
        provider_ref=short(view.provider_ref, MAX_REF),
        received_at=now,
        reached_at=_not_later(view.reached_at, now),
        next_attempt_at=now if more.get("status", EnvelopeStatus.PENDING) == EnvelopeStatus.PENDING else None,
        correlation_id=new_correlation_id(),
        created_at=now,
        **more,
    )


def count_intake(account: ChannelAccount, at: datetime, **counts: int) -> None:
    """Add to the fetcher's own counters of the day of `at`, inside the caller's transaction."""
    row, _ = IntakeDay.objects.get_or_create(account=account, day=timezone.localdate(at))
    IntakeDay.objects.filter(pk=row.pk).update(**{name: F(name) + count for name, count in counts.items()})


def view_of(envelope: Envelope, raw: bytes | None = None) -> EnvelopeView:
    """The envelope as its connector sees it. Raises VaultError when its file is gone or changed."""
    stored = envelope.headers or {}
    return EnvelopeView(
        raw=raw if raw is not None else raw_of(envelope),
        headers=stored.get("headers", {}),
        query=stored.get("query", {}),
        reached_at=envelope.reached_at,
        received_at=envelope.received_at,
        provider_ref=envelope.provider_ref,
    )


def raw_of(envelope: Envelope) -> bytes:
    """The bytes exactly as they came."""
    return vault.read_all(envelope.stored_as) if envelope.stored_as else (envelope.raw or b"")


def short(value: str, limit: int) -> str:
    """A name of any length as one that fits: the head stays readable, a hash keeps it distinct."""
    value = value.replace("\x00", "")
    if len(value) <= limit:
        return value
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"{value[: limit - 41]}#{digest}"


def _insert(envelope: Envelope) -> None:
    """One statement that commits by itself; inside somebody's transaction a savepoint guards that one."""
    if connection.in_atomic_block:
        with transaction.atomic():
            _write(envelope)
    else:
        _write(envelope)


def _write(envelope: Envelope) -> None:
    """Plain SQL: the model's save would cost twice the CPU, at the door every provider knocks at."""
    sql, fields = _statement()
    # The connection itself: its proxy looks the thread's own up at every attribute.
    database = connections[connection.alias]
    values = [field.get_db_prep_save(field.pre_save(envelope, True), database) for field in fields]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        envelope.pk = cursor.fetchone()[0]
    envelope._state.adding, envelope._state.db = False, database.alias


@cache
def _statement() -> tuple[str, list[Field]]:
    fields = [field for field in Envelope._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(field.column for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table, key = Envelope._meta.db_table, Envelope._meta.pk.column
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}", fields  # noqa: S608


class _Bell:
    """When this process last rang. A call that follows within milliseconds need not ring again: nobody has answered
    yet, and should somebody just have, the sweeper finds the row."""

    rung = 0.0


def _ring() -> None:
    if connection.in_atomic_block:
        ring(PARSE_PUMP)
    elif time.monotonic() - _Bell.rung > RING_SECONDS:
        _Bell.rung = time.monotonic()
        ring_now(PARSE_PUMP)


def _insert_new(account: ChannelAccount, envelopes: list[Envelope]) -> set[str]:
    """Insert, leave out what is known by its reference; the references of the new rows."""
    if not envelopes:
        return set()
    Envelope.objects.bulk_create(envelopes, ignore_conflicts=True)
    refs = [envelope.public_ref for envelope in envelopes]
    return set(Envelope.objects.filter(public_ref__in=refs).values_list("public_ref", flat=True))


def _not_later(reached: datetime | None, now: datetime) -> datetime:
    """Clocks of others may be wrong: nothing reached us after we had it."""
    return reached if reached is not None and reached <= now else now


def _forget_files(envelopes: Iterable[Envelope]) -> None:
    for envelope in envelopes:
        vault.delete(envelope.stored_as)
