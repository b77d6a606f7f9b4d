"""Changing what is known about a customer. Events name the fields that changed, never their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import emit
from console.foundation.text import clean
from console.foundation.text.masking import mask_text
from console.staff.access import as_actor, can, scope_of

from ..errors import NotAllowed, Refusal
from ..masks import mask
from ..models import Customer, CustomerNote, CustomerTag, Identifier, Tag
from ..normal import normal, value_hash

EDITABLE = {
    "kind",
    "display_name",
    "language",
    "preferred_channel",
    "time_zone",
    "lifecycle",
    "site",
    "team",
    "manager",
    "data",
}
FLAGS = {"tier", "is_sensitive", "do_not_market"}


def create_customer(actor: Any, *, identifiers: Mapping[str, str] | None = None, **values: Any) -> Customer:
    """A new recognised customer, with identifiers by kind. `actor` None for imports that were checked before.

    Raises NotAllowed, NotAnIdentifier, or Refusal when a number belongs to somebody else.
    """
    if actor is not None and not can(actor, "customer.edit"):
        raise NotAllowed
    _known(values, EDITABLE | FLAGS | {"source", "is_provisional"})
    if actor is not None:
        values = {**_place_of(actor), **values}
    with transaction.atomic():
        customer = Customer.objects.create(**_cleaned(values))
        _told(customer, "customer.created", actor, provisional=customer.is_provisional)
        for kind, value in (identifiers or {}).items():
            add_identifier(actor, customer, kind, value, primary=True)
    return customer


def _place_of(actor: Any) -> dict[str, Any]:
    """Where a customer made by this person belongs: where they will still see it."""
    scope = scope_of(actor, "customer.edit")
    team = None if scope.everything or scope.sites else min(scope.teams, default=None)
    return {"site": actor.site, "team_id": team}


def update_customer(actor: Any, customer: Customer, **changes: Any) -> Customer:
    """Change profile fields; flags and tier need their own permission. Raises NotAllowed."""
    _known(changes, EDITABLE | FLAGS)
    _may(actor, "customer.edit", customer)
    changed = sorted(name for name, value in changes.items() if getattr(customer, name) != value)
    if FLAGS & set(changed):
        _may(actor, "customer.flag", customer)
    if not changed:
        return customer
    with transaction.atomic():
        for name, value in _cleaned({name: changes[name] for name in changed}).items():
            setattr(customer, name, value)
        customer.save(update_fields=[*changed, "updated_at"])
        _told(customer, "customer.changed", actor, fields=changed)
    return customer


def recognise(actor: Any, customer: Customer, **changes: Any) -> Customer:
    """A provisional customer turned out to be somebody: keep it as a customer of its own."""
    with transaction.atomic():
        update_customer(actor, customer, **changes)
        customer.is_provisional = False
        customer.save(update_fields=["is_provisional", "updated_at"])
        _told(customer, "customer.recognised", actor)
    return customer


def add_identifier(
    actor: Any,
    customer: Customer,
    kind: str,
    value: str,
    *,
    label: str = "",
    primary: bool = False,
    contact: Any = None,
) -> Identifier:
    """Put a telephone, e-mail, document, card or customer number on file; there already is fine.

    Raises NotAllowed, NotAnIdentifier, or Refusal when a number that is one customer's only is another's.
    """
    _may(actor, "customer.edit", customer)
    spelled, hashed = normal(kind, value), value_hash(kind, value)
    known = Identifier.objects.filter(customer=customer, kind=kind, value_hash=hashed).first()
    if known:
        return known
    try:
        with transaction.atomic():
            row = Identifier.objects.create(
                customer=customer,
                contact=contact,
                kind=kind,
                ciphertext=spelled,
                value_hash=hashed,
                mask=mask(kind, spelled),
                label=label[:40],
                is_primary=primary,
                source="staff" if actor is not None else "import",
            )
            _told(customer, "customer.identifier_added", actor, identifier_id=row.pk, kind=kind)
    except IntegrityError:
        raise Refusal(_("Another customer has this number on file.")) from None
    return row


def remove_identifier(actor: Any, identifier: Identifier) -> None:
    """Take an identifier off file."""
    customer = identifier.customer
    _may(actor, "customer.edit", customer)
    with transaction.atomic():
        _told(
            customer,
            "customer.identifier_removed",
            actor,
            identifier_id=identifier.pk,
            kind=identifier.kind,
        )
        identifier.delete()


def add_note(actor: Any, customer: Customer, body: str, *, pinned: bool = False) -> CustomerNote:
    """Write a note; card and identity numbers in it become masks. Raises NotAllowed, Refusal when empty."""
    _may(actor, "customer.note", customer)
    text = mask_text(clean(body)).strip()
    if not text:
        raise Refusal(_("The note is empty."))
    with transaction.atomic():
        note = CustomerNote.objects.create(customer=customer, author=actor, body=text, is_pinned=pinned)
        _told(customer, "customer.note_added", actor, note_id=note.pk)
    return note


def remove_note(actor: Any, note: CustomerNote) -> None:
    """Hide a note; the row stays for the audit. Authors remove their own, leads anybody's."""
    if note.author_id != actor.pk:
        _may(actor, "customer.flag", note.customer)
    with transaction.atomic():
        note.removed_at = timezone.now()
        note.save(update_fields=["removed_at"])
        _told(note.customer, "customer.note_removed", actor, note_id=note.pk)


def add_tag(actor: Any, customer: Customer, tag: Tag) -> bool:
    """Put a tag on a customer. Whether it was new."""
    _may(actor, "customer.tag", customer)
    with transaction.atomic():
        _link, made = CustomerTag.objects.get_or_create(customer=customer, tag=tag, defaults={"added_by": actor})
        if made:
            _told(customer, "customer.tagged", actor, tag=tag.code)
    return made


def remove_tag(actor: Any, customer: Customer, tag: Tag) -> bool:
    """Take a tag off a customer. Whether it was there."""
    _may(actor, "customer.tag", customer)
    with transaction.atomic():
        count, _rows = CustomerTag.objects.filter(customer=customer, tag=tag).delete()
        if count:
            _told(customer, "customer.untagged", actor, tag=tag.code)
    return bool(count)


def save_tag(actor: Any, tag: Tag) -> Tag:
    """Store a new or changed tag. Raises NotAllowed."""
    if actor is not None and not can(actor, "customer.configure"):
        raise NotAllowed
    with transaction.atomic():
        tag.full_clean()
        tag.save()
        who = as_actor(actor) if actor is not None else None
        emit("customers:tags", "customer.tag_saved", {"tag": tag.code, "active": tag.is_active}, actor=who)
    return tag


def _may(actor: Any, permission: str, customer: Customer) -> None:
    if actor is not None and not can(actor, permission, customer):
        raise NotAllowed


def _known(values: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = set(values) - allowed
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: clean(value).strip() if isinstance(value, str) else value for name, value in values.items()}


def _told(customer: Customer, type_: str, actor: Any, **data: Any) -> None:
    emit(
        f"customer:{customer.pk}",
        type_,
        {"customer_id": customer.pk, **data},
        actor=as_actor(actor) if actor is not None else None,
    )
