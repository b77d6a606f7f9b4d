"""Finding a customer by something exact: masked for everybody, whoever's customer it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import transaction

from console.events import emit
from console.staff.access import as_actor, can

from ..errors import NotAllowed, TooManyLooks
from ..masks import mask_name
from ..models import Customer, Identifier, Identity
from ..normal import NotAnIdentifier, value_hash

LOOKUPS_PER_MINUTE = 60
MOST = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One customer found: enough to recognise the right one, too little to learn anything."""

    customer_id: int
    uid: str
    kind: str
    name: str
    tier: str
    is_provisional: bool
    site: str
    in_scope: bool


def find_by_identifier(user: Any, kind: str, value: str) -> list[Found]:
    """Customers who have this telephone, e-mail, document, card or customer number, masked.

    Raises NotAllowed without customer.find, NotAnIdentifier for a value that cannot be of that kind,
    TooManyLooks past 60 look-ups a minute (nobody types that fast; a script does).
    """
    if not can(user, "customer.find"):
        raise NotAllowed
    hashed = value_hash(kind, value)
    _count_lookup(user)
    ids = set(Identifier.objects.filter(kind=kind, value_hash=hashed).values_list("customer_id", flat=True)[:MOST])
    if kind in ("email", "phone"):
        known = Identity.objects.filter(address_hash=hashed, channel_kind=kind)
        ids |= set(known.values_list("customer_id", flat=True)[:MOST])
    found = _found(user, ids)
    if found:
        with transaction.atomic():
            emit(
                f"staff:{user.pk}",
                "customer.found",
                {"kind": kind, "customer_ids": [item.customer_id for item in found]},
                actor=as_actor(user),
            )
    return found


def find_by_name(user: Any, name: str) -> list[Found]:
    """Customers of exactly this name, among those the user may see: names collide, so scope holds here."""
    if not can(user, "customer.view"):
        raise NotAllowed
    rows = Customer.objects.visible_to(user).named(name) if name.strip() else Customer.objects.none()
    return _found(user, set(rows.values_list("pk", flat=True)[:MOST]))


def find(user: Any, text: str) -> list[Found]:
    """What an agent types into one box: tried as every kind it can be, then as a name."""
    results: dict[int, Found] = {}
    for kind in ("customer_no", "phone", "email", "id_card", "card"):
        try:
            rows = find_by_identifier(user, kind, text)
        except NotAnIdentifier:
            continue
        results |= {row.customer_id: row for row in rows}
    if not results and can(user, "customer.view"):
        results = {row.customer_id: row for row in find_by_name(user, text)}
    return list(results.values())


def _count_lookup(user: Any) -> None:
    key = f"customers.lookups:{user.pk}"
    caches["shared"].add(key, 0, 60)
    try:
        count = caches["shared"].incr(key)
    except ValueError:
        return
    if count > LOOKUPS_PER_MINUTE * 5:  # one box tries up to five kinds
        raise TooManyLooks


def _found(user: Any, ids: set[int]) -> list[Found]:
    if not ids:
        return []
    rows = Customer.objects.filter(pk__in=ids, erased_at__isnull=True).select_related("site").order_by("pk")
    mine = set(Customer.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        Found(
            customer_id=row.pk,
            uid=str(row.uid),
            kind=row.kind,
            name=mask_name(row.kind, row.display_name),
            tier=row.tier,
            is_provisional=row.is_provisional,
            site=row.site.label if row.site else "",
            in_scope=row.pk in mine,
        )
        for row in rows
    ]
