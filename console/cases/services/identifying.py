"""Who writes here is somebody we know: their new address joins the customer of an earlier matter."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from console.conversations.models import Conversation
from console.customers.errors import Refusal
from console.customers.models import Identity
from console.customers.services.identities import bind_identity, retire_identity

from .. import search
from ..models import Case, CaseLink
from .base import CaseError, changing, demand, record, who

METHOD = "checked_by_staff"


def join_customer(case: Case, other: Case, how: str, actor: Any = None, *, retire: bool = False) -> Case:
    """Put the case and the address it came from with the customer of `other`; emits `case.customer_known`.

    `how` says how a colleague made sure and stays with the case as a note. `retire`: nothing is sent any more to the
    address the other matter came from, and nobody signs in with it. Raises CaseError without a word on how, for
    matters of nobody, and for an address that is a recognised customer's own; NotAllowed.
    """
    by = who(actor)
    demand(by, "case.work", case)
    demand(by, "case.work", other)
    identity = _address_of(case)
    old = _address_of(other, needed=False)
    _check(identity, other, how)
    with changing(case) as row:
        try:
            bind_identity(identity, other.customer, method=METHOD, actor=by.actor)
        except Refusal as refusal:
            raise CaseError(
                "known", refusal.text, allowed=_("Link the two cases instead."), field="number"
            ) from refusal
        if retire and old is not None and old.pk != identity.pk:
            retire_identity(old, by.actor)
        row.customer = other.customer
        Conversation.objects.filter(pk=row.conversation_id).update(customer=other.customer)
        CaseLink.objects.get_or_create(case=row, other=other, kind=CaseLink.Kind.RELATED)
        search.stale(row)
        record(row, "case.customer_known", by, customer_id=other.customer_id, other_id=other.pk, retired=retire)
        _note(row, by, how)
    return case


def _address_of(case: Case, *, needed: bool = True) -> Identity | None:
    identity = case.origin.identity if case.origin is not None else None
    if identity is None and needed:
        raise CaseError("no_address", _("This case came from no address."), field="number")
    return identity


def _check(identity: Identity, other: Case, how: str) -> None:
    if not how.strip():
        raise CaseError("reason_needed", _("Say how you made sure that it is them."), field="how")
    if other.customer is None or other.customer_id == identity.customer_id:
        raise CaseError("same", _("That matter has no other customer."), field="number")


def _note(case: Case, by: Any, how: str) -> None:
    from .notes import note_on

    note_on(case, by, how.strip())


def proven(case: Case) -> bool:
    """Whether a one-time code has shown that whoever writes has the address."""
    identity = _address_of(case, needed=False)
    if identity is None or case.conversation is None:
        return False
    return case.conversation.entries.filter(message__identity=identity, message__meta__proven=True).exists()
