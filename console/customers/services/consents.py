"""The consent ledger: what customers allowed, what they took back, and what holds now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from console.events import emit
from console.staff.access import as_actor, can

from ..errors import NotAllowed
from ..models import Consent, Customer
from ..models.consents import ANY_CHANNEL
from ..normal import space_of

# What holds while the ledger is silent: service is part of the contract, everything else waits for a yes.
SILENT = {Consent.Purpose.SERVICE: True, Consent.Purpose.SURVEY: True}


def has_consent(customer: Customer, purpose: str, channel: str = ANY_CHANNEL) -> bool:
    """Whether this purpose is allowed on this channel now. "Do not market" refuses marketing whatever the
    ledger says."""
    return bool(consenting([customer.pk], purpose, channel))


def consenting(
    customer_ids: Iterable[int], purpose: str, channel: str = ANY_CHANNEL, at: datetime | None = None
) -> set[int]:
    """Those of the customers who allow this purpose on this channel, in two queries.

    The latest line about the channel or about every channel decides: "no mail from you" holds for mail,
    "nothing at all" said later holds everywhere.
    """
    wanted = set(customer_ids)
    at = at or timezone.now()
    lines = Consent.objects.filter(
        Q(channel_kind=ANY_CHANNEL) | Q(channel_kind=_channel(channel)),
        customer_id__in=wanted,
        purpose=purpose,
        at__lte=at,
    ).order_by("at", "pk")
    holds = dict.fromkeys(wanted, SILENT.get(purpose, False))
    for customer_id, state, expires_at in lines.values_list("customer_id", "state", "expires_at"):
        expired = expires_at is not None and expires_at <= at
        holds[customer_id] = state == Consent.State.GRANTED and not expired
    allowed = {customer_id for customer_id, yes in holds.items() if yes}
    if purpose == Consent.Purpose.MARKETING and allowed:
        allowed -= set(Customer.objects.filter(pk__in=allowed, do_not_market=True).values_list("pk", flat=True))
    return allowed


def record_consent(
    customer: Customer,
    purpose: str,
    channel: str = ANY_CHANNEL,
    *,
    granted: bool,
    source: str,
    actor: Any = None,
    at: datetime | None = None,
    expires_at: datetime | None = None,
    text_version: str = "",
    evidence: str = "",
) -> Consent:
    """Add a line to the ledger. `actor` is the member of staff who heard it; None when the customer did it
    themselves. Raises NotAllowed."""
    if actor is not None and not can(actor, "customer.consent", customer):
        raise NotAllowed
    with transaction.atomic():
        line = Consent.objects.create(
            customer=customer,
            purpose=Consent.Purpose(purpose),
            channel_kind=_channel(channel),
            state=Consent.State.GRANTED if granted else Consent.State.WITHDRAWN,
            at=at or timezone.now(),
            expires_at=expires_at,
            source=source,
            text_version=text_version,
            evidence=evidence,
            recorded_by=actor,
        )
        emit(
            f"customer:{customer.pk}",
            "customer.consent_granted" if granted else "customer.consent_withdrawn",
            {
                "customer_id": customer.pk,
                "consent_id": line.pk,
                "purpose": line.purpose,
                "channel": line.channel_kind,
                "source": source,
            },
            actor=as_actor(actor) if actor is not None else None,
        )
    return line


def _channel(channel: str) -> str:
    return channel if channel == ANY_CHANNEL else space_of(channel)
