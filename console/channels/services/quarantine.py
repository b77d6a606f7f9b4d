"""Envelopes that could not become messages: kept with the reason, shown with an alarm, replayed when mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from console.events import Actor, clear_alarm, emit, raise_alarm
from console.foundation.work import ring

from .. import gateway
from ..models import Envelope, EnvelopeOutcome, EnvelopeStatus
from .intake import PARSE_PUMP, view_of

QUARANTINE_ALARM = "channels.quarantine"
UNVERIFIED_ALARM = "channels.unverified"
MAX_TRACE = 8000
ASIDE = (EnvelopeStatus.QUARANTINED, EnvelopeStatus.UNVERIFIED)


class NotReplayable(Exception):
    """The envelope is not one that waits for a person."""


def quarantine(envelope: Envelope, reason: str, detail: str = "", trace: str = "") -> None:
    """Put an envelope aside with why; tell the alarm list and the record. Texts must be redacted already."""
    with transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(
            status=EnvelopeStatus.QUARANTINED,
            outcome="",
            reason=f"{reason}: {detail}"[:300] if detail else reason[:300],
            traceback=trace[-MAX_TRACE:],
            next_attempt_at=None,
            lease_until=None,
            last_error=reason[:200],
        )
        emit(
            f"account:{envelope.account_id}",
            "envelope.quarantined",
            {
                "envelope_id": envelope.pk,
                "reference": envelope.public_ref,
                "account_id": envelope.account_id,
                "reason": _code(reason),
            },
            correlation_id=envelope.correlation_id,
        )
        raise_alarm(
            QUARANTINE_ALARM,
            str(envelope.account_id),
            data={"account": envelope.account_id, "reference": envelope.public_ref},
        )
    envelope.status = EnvelopeStatus.QUARANTINED


def replay(envelope: Envelope, actor: Actor) -> None:
    """Parse an envelope again. An unverified one is verified first, by the worker's caller, outside transactions.

    Raises NotReplayable for one that was parsed, set aside for good, or is waiting anyway.
    """
    if envelope.status == EnvelopeStatus.UNVERIFIED:
        _verify_again(envelope)
    with transaction.atomic():
        moved = Envelope.objects.filter(pk=envelope.pk, status__in=ASIDE).update(
            status=EnvelopeStatus.PENDING,
            attempts=0,
            next_attempt_at=timezone.now(),
            lease_until=None,
        )
        if not moved:
            raise NotReplayable(envelope.public_ref)
        _told(envelope, "envelope.replayed", actor)
        _heal(envelope.account_id)
        ring(PARSE_PUMP)
    envelope.status = EnvelopeStatus.PENDING


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one envelope of many; `reason` says why it was left alone."""

    id: int
    public_ref: str
    status: str
    replayed: bool
    reason: str = ""


def replay_each(envelopes: Iterable[Envelope], actor: Actor) -> list[Replayed]:
    """Replay every one that can be, one after the other: one that cannot stops nobody."""
    results = []
    for envelope in envelopes:
        try:
            replay(envelope, actor)
            results.append(Replayed(envelope.pk, envelope.public_ref, envelope.status, replayed=True))
        except NotReplayable as left:
            envelope.refresh_from_db(fields=["status", "reason"])
            why = envelope.reason or str(left).partition(": ")[2] or envelope.get_status_display()
            results.append(Replayed(envelope.pk, envelope.public_ref, envelope.status, replayed=False, reason=why))
    return results


def replay_many(envelopes: Iterable[Envelope], actor: Actor) -> tuple[int, int]:
    """Replay every one that can be; (replayed, left)."""
    results = replay_each(envelopes, actor)
    done = sum(one.replayed for one in results)
    return done, len(results) - done


def set_aside(envelope: Envelope, actor: Actor, reason: str) -> None:
    """A person looked and decided that nothing will come of it. The bytes stay; it can be replayed no more."""
    with transaction.atomic():
        moved = Envelope.objects.filter(pk=envelope.pk, status__in=ASIDE).update(
            status=EnvelopeStatus.REJECTED, outcome=EnvelopeOutcome.SET_ASIDE, reason=reason[:300]
        )
        if not moved:
            raise NotReplayable(envelope.public_ref)
        _told(envelope, "envelope.set_aside", actor)
        _heal(envelope.account_id)
    envelope.status = EnvelopeStatus.REJECTED


def set_aside_many(envelopes: QuerySet[Envelope], actor: Actor, reason: str) -> int:
    """Set every one aside that still waits for a person; how many."""
    done = 0
    for envelope in envelopes:
        try:
            set_aside(envelope, actor, reason)
        except NotReplayable:
            continue
        done += 1
    return done


def _verify_again(envelope: Envelope) -> None:
    outcome = gateway.handle(envelope.account).call("verify", view_of(envelope))
    if not outcome.ok:
        raise NotReplayable(f"{envelope.public_ref}: {outcome.error_class}")
    if getattr(outcome.value, "reason", None):
        Envelope.objects.filter(pk=envelope.pk, status=EnvelopeStatus.UNVERIFIED).update(
            status=EnvelopeStatus.REJECTED, reason=outcome.value.reason[:300]
        )
        _heal(envelope.account_id)
        raise NotReplayable(f"{envelope.public_ref}: {outcome.value.reason}")


def _heal(account_id: int) -> None:
    """Clear the alarms whose last envelope is gone."""
    left = set(
        Envelope.objects.filter(account_id=account_id, status__in=ASIDE).values_list("status", flat=True).distinct()
    )
    if EnvelopeStatus.QUARANTINED not in left:
        clear_alarm(QUARANTINE_ALARM, str(account_id))
    if EnvelopeStatus.UNVERIFIED not in left:
        clear_alarm(UNVERIFIED_ALARM, str(account_id))


def _told(envelope: Envelope, type_: str, actor: Actor) -> None:
    emit(
        f"account:{envelope.account_id}",
        type_,
        {"envelope_id": envelope.pk, "reference": envelope.public_ref, "account_id": envelope.account_id},
        actor=actor,
        correlation_id=envelope.correlation_id,
    )


def _code(reason: str) -> str:
    """A word for the record: no text of a mail gets into an event."""
    return "".join(char for char in reason if char.isascii() and (char.isalnum() or char in "_-."))[:60] or "error"
