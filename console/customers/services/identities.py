"""Whose address is this? Resolving senders and recipients to identities, one at a time or in batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import NewEvent, emit, emit_many
from console.plugin_api.channels import IdentityEvidence, IdentityLevel
from console.staff.models import Site

from ..errors import Refusal
from ..models import Customer, Identifier, Identity
from ..normal import address_hash, is_shared, name_hash, normal_address, space_of

Key = tuple[str, str, str]
ON_FILE = ("email", "phone")


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """An address as a message brought it. `account` is a channel account or None."""

    channel_kind: str
    address: str
    account: Any = None
    name: str = ""
    evidence: IdentityEvidence | None = None

    @property
    def account_key(self) -> str:
        if self.account is None or is_shared(self.channel_kind):
            return ""
        return str(getattr(self.account, "uid", self.account))

    @property
    def key(self) -> Key:
        return (
            space_of(self.channel_kind),
            self.account_key,
            address_hash(self.channel_kind, self.address),
        )


def resolve_identity(
    channel_kind: str,
    account: Any,
    address: str,
    name: str = "",
    evidence: IdentityEvidence | None = None,
) -> Identity:
    """The identity of an address; an unknown one becomes a new identity, at the customer who has that
    identifier on file, else at a new provisional customer.

    One query for a known address. Two callers may resolve the same new address at once: both get the same
    row. Raises nothing for odd addresses: whatever stood in the message is kept.
    """
    return resolve_identities([AddressSeen(channel_kind, address, account, name, evidence)])[0]


def resolve_identities(seen: Sequence[AddressSeen]) -> list[Identity]:
    """`resolve_identity` for many addresses in one query when all are known; answers in the given order."""
    wanted = {item.key: item for item in reversed(seen)}
    found = _known(wanted)
    # Sorted, so that two workers meeting the same new addresses wait for each other in one order.
    missing = [wanted[key] for key in sorted(wanted.keys() - found.keys())]
    found |= _make_together(missing) if len(missing) > 1 else {item.key: _make(item) for item in missing}
    for key, item in wanted.items():
        _raise_level(found[key], item.evidence)
    return [found[item.key] for item in seen]


def _known(keys: Iterable[Key]) -> dict[Key, Identity]:
    hashes = {key[2] for key in keys}
    if not hashes:
        return {}
    rows = Identity.objects.filter(address_hash__in=hashes).select_related("customer")
    return {(row.channel_kind, row.account_key, row.address_hash): row for row in rows}


def _make_together(items: Sequence[AddressSeen]) -> dict[Key, Identity]:
    """Insert many new identities with few statements; one by one when somebody else was faster with any."""
    try:
        with transaction.atomic():
            return _insert_together(items)
    except IntegrityError:
        return {item.key: _make(item) for item in items}


def _insert_together(items: Sequence[AddressSeen]) -> dict[Key, Identity]:
    owners = _customers_on_file([item.key for item in items])
    strangers = [item for item in items if item.key not in owners]
    head = _head_site_id() if strangers else None
    made = [_unsaved_customer(item, head) for item in strangers]
    Customer.objects.bulk_create(made)
    people = owners | {item.key: customer for item, customer in zip(strangers, made, strict=True)}
    identities = [_unsaved_identity(item, people[item.key], bound=item.key in owners) for item in items]
    Identity.objects.bulk_create(identities)
    emit_many([*map(_customer_made, made), *map(_identity_made, identities)])
    return {item.key: identity for item, identity in zip(items, identities, strict=True)}


def _make(item: AddressSeen) -> Identity:
    """Insert the identity; when somebody else was faster, theirs is the one."""
    try:
        with transaction.atomic():
            return _insert(item)
    except IntegrityError:
        found = _known([item.key]).get(item.key)
        if found is None:
            raise
        return found


def _insert(item: AddressSeen) -> Identity:
    owner = _customers_on_file([item.key]).get(item.key)
    customer = owner or _new_customer(item)
    identity = _unsaved_identity(item, customer, bound=owner is not None)
    identity.save(force_insert=True)
    emit_many([_identity_made(identity)])
    return identity


def _unsaved_identity(item: AddressSeen, customer: Customer, *, bound: bool) -> Identity:
    space, account_key, hashed = item.key
    level, method = _level(item.evidence, bound=bound)
    return Identity(
        customer=customer,
        channel_kind=space,
        account_key=account_key,
        address=normal_address(item.channel_kind, item.address),
        address_hash=hashed,
        name=item.name[:200],
        level=level,
        method=method,
        verified_at=timezone.now() if level >= IdentityLevel.L2 else None,
        expires_at=item.evidence.expires_at if item.evidence else None,
    )


def _identity_made(identity: Identity) -> NewEvent:
    return NewEvent(
        f"customer:{identity.customer_id}",
        "customer.identity_added",
        {
            "customer_id": identity.customer_id,
            "identity_id": identity.pk,
            "channel": identity.channel_kind,
            "level": int(identity.level),
        },
    )


def _customers_on_file(keys: Sequence[Key]) -> dict[Key, Customer]:
    """The one customer with this mail address or telephone on file; shared by several means nobody."""
    wanted = {(space, hashed): (space, account, hashed) for space, account, hashed in keys if space in ON_FILE}
    if not wanted:
        return {}
    rows = Identifier.objects.filter(
        kind__in={space for space, _ in wanted}, value_hash__in={hashed for _, hashed in wanted}
    ).select_related("customer")
    owners: dict[Key, dict[int, Customer]] = {}
    for row in rows:
        if (row.kind, row.value_hash) in wanted:
            owners.setdefault(wanted[row.kind, row.value_hash], {})[row.customer_id] = row.customer
    return {key: next(iter(found.values())) for key, found in owners.items() if len(found) == 1}


def _new_customer(item: AddressSeen) -> Customer:
    customer = _unsaved_customer(item, None)
    customer.site_id = customer.site_id or _head_site_id()
    customer.save(force_insert=True)
    emit_many([_customer_made(customer)])
    return customer


def _unsaved_customer(item: AddressSeen, head_site_id: int | None) -> Customer:
    account = item.account
    name = item.name[:200]
    return Customer(
        display_name=name,
        name_hash=name_hash(name) if name else "",
        is_provisional=True,
        site_id=getattr(account, "site_id", None) or head_site_id,
        team_id=getattr(account, "team_id", None),
        source=space_of(item.channel_kind)[:32],
    )


def _customer_made(customer: Customer) -> NewEvent:
    return NewEvent(
        f"customer:{customer.pk}",
        "customer.created",
        {"customer_id": customer.pk, "provisional": True, "site_id": customer.site_id},
    )


def _head_site_id() -> int | None:
    """Where customers go whom no account places: the head site, so that somebody sees them."""
    return Site.objects.filter(kind=Site.Kind.HEAD).values_list("pk", flat=True).first()


def _level(evidence: IdentityEvidence | None, bound: bool) -> tuple[IdentityLevel, str]:
    """A claim alone is a pseudonym. Binding needs evidence, and a customer to be bound to."""
    if evidence is None:
        return IdentityLevel.L1, "claim"
    level = evidence.level if bound else min(evidence.level, IdentityLevel.L1)
    return IdentityLevel(level), evidence.method[:40]


def _raise_level(identity: Identity, evidence: IdentityEvidence | None) -> None:
    """New evidence lifts a bound identity; it never lowers one, and never binds a provisional customer."""
    if evidence is None or evidence.level <= identity.current_level or identity.customer.is_provisional:
        return
    set_level(identity, evidence.level, method=evidence.method, expires_at=evidence.expires_at)


def set_level(
    identity: Identity, level: IdentityLevel, *, method: str, expires_at: datetime | None = None, actor=None
) -> None:
    """Record that an identity was verified (or fell back) to a level."""
    with transaction.atomic():
        before = identity.level
        identity.level, identity.method = int(level), method[:40]
        identity.verified_at, identity.expires_at = timezone.now(), expires_at
        identity.save(update_fields=["level", "method", "verified_at", "expires_at"])
        emit(
            f"customer:{identity.customer_id}",
            "customer.identity_level_changed",
            {
                "customer_id": identity.customer_id,
                "identity_id": identity.pk,
                "from": before,
                "to": int(level),
                "method": method[:40],
            },
            actor=actor,
        )


def retire_identity(identity: Identity, actor: Any) -> None:
    """Nobody is reached or signs in by this address any more; what came from it stays.

    Emits `customer.identity_retired`.
    """
    with transaction.atomic():
        if Identity.objects.filter(pk=identity.pk, is_blocked=False).update(is_blocked=True):
            data = {"customer_id": identity.customer_id, "identity_id": identity.pk}
            emit(f"customer:{identity.customer_id}", "customer.identity_retired", data, actor=actor)


def bind_identity(identity: Identity, customer: Customer, *, method: str, actor) -> Identity:
    """Move an identity of a provisional customer to the customer it really belongs to.

    The provisional customer stays, so that whatever points at it still does. Raises Refusal when the identity
    belongs to a recognised customer already: two recognised customers are merged, not robbed.
    """
    with transaction.atomic():
        locked = Identity.objects.select_for_update().select_related("customer").get(pk=identity.pk)
        if locked.customer_id == customer.pk:
            return locked
        if not locked.customer.is_provisional:
            raise Refusal(_("This address belongs to a recognised customer."))
        before = locked.customer_id
        locked.customer, locked.level, locked.method = customer, int(IdentityLevel.L2), method[:40]
        locked.verified_at = timezone.now()
        locked.save(update_fields=["customer", "level", "method", "verified_at"])
        emit(
            f"customer:{customer.pk}",
            "customer.identity_bound",
            {"customer_id": customer.pk, "identity_id": locked.pk, "from_customer_id": before},
            actor=actor,
        )
        return locked
