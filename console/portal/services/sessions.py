"""A customer's session: begun by a code, ended by leaving, by idle time, or by the bank."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from console.customers.models import Identifier, Identity
from console.customers.services.identities import set_level
from console.events import Actor, emit
from console.plugin_api.channels import IdentityLevel

from ..models import Challenge, CustomerSession, PortalPolicy
from ..signed_in import token_hash

SEEN_EVERY = timedelta(seconds=60)
KEPT = timedelta(days=30)


def begin(challenge: Challenge) -> str:
    """Open a session for whoever answered the challenge; the token for their cookie. Emits `customer.signed_in`."""
    identity, token, now = challenge.identity, secrets.token_urlsafe(32), timezone.now()
    until = now + timedelta(minutes=PortalPolicy.current().idle_minutes)
    with transaction.atomic():
        session = CustomerSession.objects.create(
            token_hash=token_hash(token), identity=identity, case=challenge.case, expires_at=until
        )
        if is_trusted(identity):
            set_level(identity, IdentityLevel.L3, method="one_time_code", expires_at=until, actor=actor_of(session))
        _tell(session, "customer.signed_in", purpose=challenge.purpose)
    return token


def current(token: str) -> CustomerSession | None:
    """The running session of a token, moved on when it was last seen a while ago."""
    if not token:
        return None
    now = timezone.now()
    rows = CustomerSession.objects.filter(token_hash=token_hash(token), ended_at=None, expires_at__gt=now)
    session = rows.select_related("identity__customer", "case").first()
    if session is None or session.identity.is_blocked:
        return None
    if now - session.seen_at > SEEN_EVERY:
        session.seen_at = now
        session.expires_at = now + timedelta(minutes=PortalPolicy.current().idle_minutes)
        session.save(update_fields=["seen_at", "expires_at"])
    return session


def end(session: CustomerSession) -> None:
    """The customer leaves. Emits `customer.signed_out`."""
    with transaction.atomic():
        if CustomerSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now()):
            _tell(session, "customer.signed_out")


def is_trusted(identity: Identity) -> bool:
    """Whether the bank knows this address as the customer's: bound, or on file. A mere sender's address shows only
    what came from it, whoever it was filed under."""
    if identity.current_level >= IdentityLevel.L2:
        return True
    if identity.customer.is_provisional:
        return False
    on_file = Identifier.objects.filter(customer_id=identity.customer_id, value_hash=identity.address_hash)
    return on_file.exists()


def actor_of(session: CustomerSession) -> Actor:
    return Actor("customer", str(session.identity.customer_id))


def sweep() -> int:
    """Forget sessions that ended long ago."""
    return CustomerSession.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()[0]


def _tell(session: CustomerSession, type_: str, **more: str) -> None:
    identity = session.identity
    data = {"customer_id": identity.customer_id, "identity_id": identity.pk, "case_id": session.case_id, **more}
    emit(f"customer:{identity.customer_id}", type_, data, actor=actor_of(session))
