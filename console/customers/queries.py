"""Reads more than one caller needs: the masked customer, and everything the desk shows beside a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from console.staff.access import can

from .masks import mask_address, mask_name, mask_person
from .models import AccessGrant, Authorisation, Consent, Contact, Customer, Identity
from .models.consents import ANY_CHANNEL
from .services.consents import SILENT

CLEAR = {
    "name": "customer.clear_name",
    "phone": "customer.clear_contact",
    "email": "customer.clear_contact",
    "id_card": "customer.clear_document",
    "card": "customer.clear_document",
    "customer_no": "customer.clear_name",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value as this reader sees it. `field` is what `unmask` wants; `masked` whether anything is hidden."""

    field: str
    kind: str
    text: str
    masked: bool
    label: str = ""
    level: int | None = None
    verified_at: datetime | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True)
class MaskedCustomer:
    """A customer's own columns as this reader sees them. No query beyond the customer's."""

    id: int
    uid: str
    kind: str
    name: Shown
    language: str
    preferred_channel: str
    tier: str
    tier_label: str
    lifecycle: str
    is_sensitive: bool
    do_not_market: bool
    is_provisional: bool
    site_id: int | None
    team_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ContactShown:
    """A contact and the matters they are authorised for now."""

    id: int
    name: Shown
    position: str
    matters: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoteShown:
    id: int
    body: str
    author: str
    at: datetime
    pinned: bool


@dataclass(frozen=True, slots=True)
class CustomerPanel:
    """Everything the customer column of the desk shows."""

    customer: MaskedCustomer
    identifiers: list[Shown]
    identities: list[Shown]
    level: int
    contacts: list[ContactShown] = field(default_factory=list)
    tags: list[Any] = field(default_factory=list)
    notes: list[NoteShown] = field(default_factory=list)
    consents: dict[str, dict[str, bool]] = field(default_factory=dict)


def sees_clear(user: Any, kind: str, customer: Customer | None = None) -> bool:
    """Whether this reader sees values of this kind without a mask. Kinds without a rule are masked."""
    permission = CLEAR.get(kind)
    return permission is not None and can(user, permission, customer)


def know_grants(user: Any, customers: Iterable[Customer]) -> None:
    """For a list: ask once which of these customers a running grant opens, instead of once for each."""
    rows = list(customers)
    opened = set(
        AccessGrant.objects.running(user)
        .filter(customer__in=[row.pk for row in rows])
        .values_list("customer", flat=True)
    )
    for row in rows:
        row._open_to = {user.pk: row.pk in opened}


def masked(customer: Customer, user: Any) -> MaskedCustomer:
    """The customer as this reader may see it."""
    return MaskedCustomer(
        id=customer.pk,
        uid=str(customer.uid),
        kind=customer.kind,
        name=_name(customer, user),
        language=customer.language,
        preferred_channel=customer.preferred_channel,
        tier=customer.tier,
        tier_label=customer.get_tier_display(),
        lifecycle=customer.lifecycle,
        is_sensitive=customer.is_sensitive,
        do_not_market=customer.do_not_market,
        is_provisional=customer.is_provisional,
        site_id=customer.site_id,
        team_id=customer.team_id,
        created_at=customer.created_at,
    )


def _name(customer: Customer, user: Any) -> Shown:
    clear = sees_clear(user, "name", customer)
    name = customer.display_name or ""
    text = name if clear else mask_name(customer.kind, name)
    return Shown("name", "name", text or f"#{customer.pk}", masked=bool(name) and not clear)


def customer_panel(user: Any, customer: Customer) -> CustomerPanel:
    """Everything of the customer column in six queries. The caller has opened the customer."""
    identities = _identities(user, customer)
    return CustomerPanel(
        customer=masked(customer, user),
        identifiers=_identifiers(user, customer),
        identities=identities,
        level=max((item.level or 0 for item in identities), default=0),
        contacts=_contacts(user, customer),
        tags=[link.tag for link in customer.tag_links.select_related("tag")],
        notes=_notes(customer),
        consents=_consents(customer),
    )


def _identifiers(user: Any, customer: Customer) -> list[Shown]:
    shown = []
    for row in customer.identifiers.filter(contact__isnull=True):
        clear = sees_clear(user, row.kind, customer)
        text = row.ciphertext if clear else row.mask
        shown.append(
            Shown(
                f"identifier:{row.pk}",
                row.kind,
                text,
                not clear,
                row.label,
                None,
                row.verified_at,
                row.is_primary,
            )
        )
    return shown


def shown_identity(user: Any, identity: Identity, customer: Customer) -> Shown:
    """One address as this reader may see it."""
    clear = sees_clear(user, identity.channel_kind, customer)
    address = identity.address
    return Shown(
        f"identity:{identity.pk}",
        identity.channel_kind,
        address if clear else mask_address(identity.channel_kind, address),
        not clear,
        level=int(identity.current_level),
        verified_at=identity.verified_at,
    )


def _identities(user: Any, customer: Customer) -> list[Shown]:
    return [shown_identity(user, row, customer) for row in customer.identities.all()]


def _contacts(user: Any, customer: Customer) -> list[ContactShown]:
    """Contacts and their authorisations in one joined query; a firm has few of either."""
    clear = sees_clear(user, "name", customer)
    now = timezone.now()
    rows = Contact.objects.filter(customer=customer, is_active=True).values_list(
        "pk",
        "name",
        "position",
        "authorisations__matters",
        "authorisations__valid_from",
        "authorisations__expires_at",
        "authorisations__revoked_at",
    )
    shown: dict[int, ContactShown] = {}
    for pk, sealed, position, matters, start, end, revoked in rows:
        if pk not in shown:
            text = sealed.reveal() if clear else mask_person(sealed.reveal())
            shown[pk] = ContactShown(pk, Shown(f"contact:{pk}", "name", text, not clear), position, (), None)
        if matters and not revoked and start <= now and (end is None or end > now):
            known = shown[pk]
            both = tuple(sorted({*known.matters, *matters}))
            shown[pk] = ContactShown(pk, known.name, position, both, _sooner(known.expires_at, end))
    return list(shown.values())


def _sooner(first: datetime | None, second: datetime | None) -> datetime | None:
    ends = [end for end in (first, second) if end is not None]
    return min(ends, default=None)


def matter_labels(matters: tuple[str, ...]) -> list[str]:
    labels = dict(Authorisation.Matter.choices)
    return [str(labels.get(matter, matter)) for matter in matters]


def _notes(customer: Customer) -> list[NoteShown]:
    rows = customer.notes.filter(removed_at__isnull=True).select_related("author")[:50]
    return [NoteShown(row.pk, row.body, row.author.label, row.created_at, row.is_pinned) for row in rows]


def _consents(customer: Customer) -> dict[str, dict[str, bool]]:
    """What holds now: {purpose: {channel: allowed}}; the line about every channel is "*"."""
    holds = {purpose: {ANY_CHANNEL: SILENT.get(purpose, False)} for purpose in Consent.Purpose.values}
    now = timezone.now()
    for line in customer.consents.order_by("at", "pk"):
        if line.at > now:
            continue
        allowed = line.state == Consent.State.GRANTED and not (line.expires_at and line.expires_at <= now)
        if line.channel_kind == ANY_CHANNEL:
            holds[line.purpose] = {ANY_CHANNEL: allowed}
        else:
            holds[line.purpose][line.channel_kind] = allowed
    if customer.do_not_market:
        holds[Consent.Purpose.MARKETING] = {ANY_CHANNEL: False}
    return holds
