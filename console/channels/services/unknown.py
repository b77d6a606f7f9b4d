"""Deliveries that may have gone out: asked about where the provider can tell, decided by people with evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from console.events import Actor, clear_alarm
from console.foundation.text.masking import redact
from console.foundation.work import ring
from console.plugin_api.capabilities import ReceiptSource
from console.plugin_api.channels import SendOutcome

from .. import gateway
from ..models import Delivery, DeliveryState
from .pump import UNKNOWN_ALARM, accept, fail, tell
from .sending import SEND_PUMP
from .windows import give_back

SENT, NOT_SENT, RESEND = "sent", "not_sent", "resend"
VERDICTS = (SENT, NOT_SENT, RESEND)
ASK_EVERY = timedelta(minutes=2)


class NoEvidence(ValueError):
    """A verdict without saying what it rests on."""


def decide_unknown(ids: Iterable[int], verdict: str, evidence: str, actor: Actor) -> list[Delivery]:
    """A person says what became of deliveries: "sent", "not_sent" (failed), or "resend" (not sent; send it again).

    `evidence` says what the verdict rests on and is kept. Those that are not unknown any more are left alone.
    Raises NoEvidence, ValueError for another verdict.
    """
    evidence = evidence.strip()
    if verdict not in VERDICTS:
        raise ValueError(f"{verdict!r} is no verdict; use {', '.join(VERDICTS)}.")
    if not evidence:
        raise NoEvidence("Say what the verdict rests on.")
    with transaction.atomic():
        rows = list(
            Delivery.objects.select_for_update(of=("self",))
            .filter(pk__in=list(ids), status=DeliveryState.UNKNOWN)
            .order_by("pk")
        )
        for row in rows:
            _decide(row, verdict, evidence, actor)
        heal({row.account_id for row in rows})
    return rows


def ask_providers(limit: int = 50) -> int:
    """Periodic: ask connectors that can tell about their unknown deliveries. Returns how many were settled."""
    since = timezone.now() - ASK_EVERY
    rows = Delivery.objects.filter(status=DeliveryState.UNKNOWN, status_at__lt=since)
    settled = 0
    for row in rows.select_related("account", "message").order_by("pk")[:limit]:
        if gateway.capabilities(row.account).receipt_source is ReceiptSource.LOOKUP:
            settled += _ask(row)
    return settled


def heal(account_ids: Iterable[int]) -> None:
    """Clear the alarm of each account that has no unknown delivery left."""
    wanted = set(account_ids)
    left = set(
        Delivery.objects.filter(account_id__in=wanted, status=DeliveryState.UNKNOWN)
        .values_list("account_id", flat=True)
        .distinct()
    )
    for account_id in wanted - left:
        clear_alarm(UNKNOWN_ALARM, str(account_id))


def _ask(row: Delivery) -> bool:
    outcome = gateway.handle(row.account).call("lookup", row.key)
    result = outcome.value if outcome.ok else None
    if result is None or result.outcome is SendOutcome.UNKNOWN:
        return False
    with transaction.atomic():
        locked = Delivery.objects.select_for_update(of=("self",)).select_related("message", "account").get(pk=row.pk)
        if locked.status != DeliveryState.UNKNOWN:
            return False
        if result.outcome is SendOutcome.ACCEPTED:
            accept(locked, result)
        elif result.outcome is SendOutcome.REJECTED:
            fail(locked, result.code, result.detail)
        else:
            _again(locked)
        heal([row.account_id])
    return True


def _decide(row: Delivery, verdict: str, evidence: str, actor: Actor) -> None:
    note = {
        "at": timezone.now().isoformat(),
        "what": f"decided_{verdict}",
        "by": str(actor)[:150],
        "evidence": redact(evidence)[:1000],
    }
    row.evidence = [*row.evidence, note]
    if verdict == RESEND:
        _again(row, evidence=row.evidence)
    else:
        sent = verdict == SENT
        row.status = DeliveryState.SENT if sent else DeliveryState.FAILED
        row.status_at = timezone.now()
        row.sent_at = (row.sending_at or row.status_at) if sent else None
        row.save(update_fields=["status", "status_at", "sent_at", "evidence"])
        if not sent:
            give_back(row)
    tell(row, "delivery.decided", verdict=verdict)
    if verdict != RESEND:
        tell(row, "delivery.accepted" if verdict == SENT else "delivery.failed", code="decided")


def _again(row: Delivery, **changes: object) -> None:
    now = timezone.now()
    changes |= {
        "status": DeliveryState.QUEUED,
        "status_at": now,
        "next_attempt_at": now,
        "lease_until": None,
        "give_up_at": max(row.give_up_at, now + timedelta(hours=4)),
    }
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    ring(SEND_PUMP)
