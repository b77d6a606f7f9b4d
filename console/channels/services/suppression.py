"""Addresses nobody answers at: after a hard bounce nothing is sent there for sixty days, unless a person lifts it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from console.customers.masks import mask_address
from console.customers.models import Identity
from console.events import Actor, emit
from console.foundation.text.masking import redact

from ..models import Delivery, Suppression

DAYS = 60


def suppress(delivery: Delivery, hashed: str, reason: str) -> Suppression:
    """Note a dead address, or renew the note."""
    kind = delivery.account.channel_kind
    until = timezone.now() + timedelta(days=DAYS)
    row = Suppression.objects.filter(address_hash=hashed, lifted_at__isnull=True, until__gt=timezone.now()).first()
    if row is not None:
        row.until = until
        row.save(update_fields=["until"])
        return row
    identity = Identity.objects.filter(address_hash=hashed).first()
    mask = mask_address(kind, identity.address) if identity else "***"
    row = Suppression.objects.create(
        channel_kind=kind, address_hash=hashed, mask=mask[:160], reason=redact(reason)[:300], until=until
    )
    emit(
        f"account:{delivery.account_id}",
        "address.suppressed",
        {"suppression_id": row.pk, "delivery_id": delivery.pk, "identity_id": identity.pk if identity else None},
        correlation_id=delivery.correlation_id,
    )
    return row


def lift(row: Suppression, actor: Actor) -> None:
    """A person knows that the address works again."""
    with transaction.atomic():
        now = timezone.now()
        if Suppression.objects.filter(pk=row.pk, lifted_at__isnull=True).update(
            lifted_at=now, lifted_by=str(actor)[:160]
        ):
            emit("configuration", "address.suppression_lifted", {"suppression_id": row.pk}, actor=actor)
