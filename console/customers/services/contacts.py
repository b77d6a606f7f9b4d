"""People who speak for a customer, and what they may speak about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import emit
from console.foundation.text import clean
from console.staff.access import as_actor, can

from ..errors import NotAllowed, Refusal
from ..models import Authorisation, Contact, Customer


def add_contact(
    actor: Any, customer: Customer, name: str, *, position: str = "", person: Customer | None = None
) -> Contact:
    """Record a contact of a firm, or somebody a person named. Raises NotAllowed, Refusal without a name."""
    _may(actor, customer)
    text = clean(name).strip()
    if not text:
        raise Refusal(_("The contact needs a name."))
    with transaction.atomic():
        contact = Contact.objects.create(customer=customer, name=text, position=position, person=person)
        _told(customer, "customer.contact_added", actor, contact_id=contact.pk)
    return contact


def authorise(
    actor: Any,
    contact: Contact,
    matters: list[str],
    *,
    evidence: str,
    valid_from: datetime | None = None,
    expires_at: datetime | None = None,
) -> Authorisation:
    """Let a contact act for the customer. Raises NotAllowed, or Refusal without matters or evidence."""
    _may(actor, contact.customer)
    known = [Authorisation.Matter(matter).value for matter in matters]
    start = valid_from or timezone.now()
    if not known or not evidence.strip():
        raise Refusal(_("An authorisation names its matters and its evidence."))
    if expires_at and expires_at <= start:
        raise Refusal(_("An authorisation ends after it begins."))
    with transaction.atomic():
        row = Authorisation.objects.create(
            customer=contact.customer,
            contact=contact,
            matters=known,
            evidence=evidence.strip(),
            valid_from=start,
            expires_at=expires_at,
        )
        _told(
            contact.customer,
            "customer.contact_authorised",
            actor,
            contact_id=contact.pk,
            authorisation_id=row.pk,
            matters=known,
        )
    return row


def revoke(actor: Any, authorisation: Authorisation) -> None:
    """End an authorisation now; ended ones stay ended."""
    _may(actor, authorisation.customer)
    if authorisation.revoked_at:
        return
    with transaction.atomic():
        authorisation.revoked_at = timezone.now()
        authorisation.save(update_fields=["revoked_at"])
        _told(
            authorisation.customer,
            "customer.authorisation_revoked",
            actor,
            contact_id=authorisation.contact_id,
            authorisation_id=authorisation.pk,
        )


def may_act(contact: Contact, matter: str, at: datetime | None = None) -> bool:
    """Whether a contact may act for the customer in a matter at a moment (now)."""
    rows = contact.authorisations.in_force(at)
    return contact.is_active and any(row.covers(matter, at) for row in rows)


def _may(actor: Any, customer: Customer) -> None:
    if actor is not None and not can(actor, "customer.edit", customer):
        raise NotAllowed


def _told(customer: Customer, type_: str, actor: Any, **data: Any) -> None:
    emit(
        f"customer:{customer.pk}",
        type_,
        {"customer_id": customer.pk, **data},
        actor=as_actor(actor) if actor is not None else None,
    )
