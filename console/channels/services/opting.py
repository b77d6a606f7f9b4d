"""Customers who answer a message with "no more": their word goes into the ledger of consents."""

from __future__ import annotations

from console.customers.models import Consent, Customer
from console.customers.normal import space_of
from console.customers.services.consents import record_consent
from console.customers.services.identities import resolve_identity
from console.plugin_api.channels import ChannelNotice

from ..models import Envelope

OPTED_OUT = "opted_out"
# What the bank must tell its customer goes on; what it would like to tell does not.
PURPOSES = (Consent.Purpose.MARKETING, Consent.Purpose.SURVEY)


def opt_out(notice: ChannelNotice, envelope: Envelope) -> int:
    """Take back what the owner of an address allowed on this channel. Said twice counts once. Returns new lines."""
    if notice.kind != OPTED_OUT or not notice.address:
        return 0
    account = envelope.account
    customer = resolve_identity(account.channel_kind, account, notice.address).customer
    missing = [purpose for purpose in PURPOSES if not _said(customer, purpose, account.channel_kind)]
    for purpose in missing:
        record_consent(
            customer,
            purpose,
            account.channel_kind,
            granted=False,
            source="opt_out",
            evidence=f"envelope:{envelope.public_ref}"[:120],
        )
    return len(missing)


def _said(customer: Customer, purpose: str, kind: str) -> bool:
    lines = Consent.objects.filter(customer=customer, purpose=purpose, channel_kind=space_of(kind))
    last = lines.order_by("at", "pk").last()
    return last is not None and last.state == Consent.State.WITHDRAWN
