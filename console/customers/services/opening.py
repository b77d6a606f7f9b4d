"""Opening a customer, and looking at a masked value: allowed by scope or by a reason, always on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import emit
from console.foundation.text import clean
from console.staff.access import as_actor, can

from ..errors import NeedsReason, NotAllowed, Refusal, TooManyLooks
from ..models import AccessGrant, Customer, Unmasking

GRANT_HOURS = 8
LEAST_REASON = 4
# Reloading a page is not opening again.
SAME_LOOK = 15 * 60


def may_see(user: Any, customer: Customer) -> bool:
    """Whether the customer is in the user's scope or opened to them by a running grant."""
    return can(user, "customer.view", customer)


def open_customer(user: Any, customer: Customer, reason: str = "") -> Customer:
    """Called before a customer's page is shown. Records the look; outside the scope it needs a reason, which
    opens the customer for eight hours.

    Raises NotAllowed without the permission, NeedsReason when it is out of scope and no reason was given.
    """
    if may_see(user, customer):
        _record_look(user, customer)
        return customer
    if not can(user, "customer.open_with_reason"):
        raise NotAllowed
    reason = _checked(reason)
    with transaction.atomic():
        grant = _grant(user, customer, reason=reason, hours=GRANT_HOURS)
        emit(
            f"customer:{customer.pk}",
            "customer.opened_with_reason",
            {"customer_id": customer.pk, "user_id": user.pk, "grant_id": grant.pk},
            actor=as_actor(user),
        )
    return customer


def grant_for_work(user: Any, customer: Customer, work: str, hours: int = 24) -> AccessGrant:
    """Open a customer to somebody who was given work about them ("case:17"), without asking for a reason.

    The caller has checked that the work is theirs. A running grant for the same work is prolonged.
    """
    with transaction.atomic():
        running = AccessGrant.objects.running(user).filter(customer=customer, work=work).first()
        if running:
            running.until = timezone.now() + timedelta(hours=hours)
            running.save(update_fields=["until"])
            return running
        grant = _grant(user, customer, work=work, hours=hours)
        emit(
            f"customer:{customer.pk}",
            "customer.opened_for_work",
            {"customer_id": customer.pk, "user_id": user.pk, "grant_id": grant.pk, "work": work},
        )
        return grant


def revoke_grant(grant: AccessGrant, actor: Any) -> None:
    """Take a grant back before it runs out."""
    with transaction.atomic():
        grant.revoked_at = timezone.now()
        grant.save(update_fields=["revoked_at"])
        emit(
            f"customer:{grant.customer_id}",
            "customer.grant_revoked",
            {"customer_id": grant.customer_id, "user_id": grant.user_id, "grant_id": grant.pk},
            actor=as_actor(actor),
        )


def unmask(user: Any, customer: Customer, field: str, reason: str) -> str:
    """The clear value of "name", "identifier:<id>", "identity:<id>" or "contact:<id>".

    Needs customer.unmask, the customer open to the user, and a reason; each look is a row and an event.
    Raises NotAllowed, NeedsReason, TooManyLooks, or LookupError for a field the customer does not have.
    """
    if not can(user, "customer.unmask"):
        raise NotAllowed
    if not may_see(user, customer):
        raise NeedsReason
    reason = _checked(reason)
    value = clear_value(customer, field)
    _limit(user)
    with transaction.atomic():
        look = Unmasking.objects.create(user=user, customer=customer, field=field, reason=reason)
        emit(
            f"customer:{customer.pk}",
            "customer.unmasked",
            {"customer_id": customer.pk, "user_id": user.pk, "field": field, "look_id": look.pk},
            actor=as_actor(user),
        )
    return value


def clear_value(customer: Customer, field: str) -> str:
    """The stored value behind a field name. For services that have checked; raises LookupError."""
    kind, _colon, key = field.partition(":")
    if field == "name":
        return customer.display_name
    sources = {
        "identifier": (customer.identifiers, "ciphertext"),
        "identity": (customer.identities, "address"),
        "contact": (customer.contacts, "name"),
    }
    if kind not in sources or not key.isdigit():
        raise LookupError(field)
    rows, attribute = sources[kind]
    row = rows.filter(pk=int(key)).first()
    if row is None:
        raise LookupError(field)
    return getattr(row, attribute)


def _limit(user: Any) -> None:
    most = settings.HUIYIN_UNMASK_PER_HOUR
    hour = timezone.now() - timedelta(hours=1)
    if Unmasking.objects.filter(user=user, at__gt=hour).count() < most:
        return
    if caches["shared"].add(f"customers.unmask_refused:{user.pk}", True, 3600):
        with transaction.atomic():
            emit(f"staff:{user.pk}", "customer.unmask_refused", {"user_id": user.pk}, actor=as_actor(user))
    raise TooManyLooks


def _checked(reason: str) -> str:
    text = clean(reason).strip()
    if not text:
        raise NeedsReason
    if len(text) < LEAST_REASON:
        raise NeedsReason(_("The reason is too short to tell anybody anything."))
    if len(text) > 500:
        raise Refusal(_("The reason is longer than 500 characters."))
    return text


def _grant(user: Any, customer: Customer, *, hours: int, reason: str = "", work: str = "") -> AccessGrant:
    until = timezone.now() + timedelta(hours=hours)
    return AccessGrant.objects.create(user=user, customer=customer, reason=reason, work=work, until=until)


def _record_look(user: Any, customer: Customer) -> None:
    if not caches["shared"].add(f"customers.look:{user.pk}:{customer.pk}", True, SAME_LOOK):
        return
    with transaction.atomic():
        emit(
            f"customer:{customer.pk}",
            "customer.opened",
            {"customer_id": customer.pk, "user_id": user.pk},
            actor=as_actor(user),
        )
