"""By which address a customer is told: where they wrote from, then what they prefer, then what else is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from console.cases.models import Case, CustomerNotice
from console.channels.models import ChannelAccount
from console.channels.models.account import WORKING
from console.customers.models import Identity
from console.customers.normal import space_of


@dataclass(frozen=True)
class Route:
    """One way to a customer."""

    account: ChannelAccount
    identity: Identity

    @property
    def kind(self) -> str:
        return self.account.channel_kind


def routes(case: Case, first: bool = False) -> Iterator[Route]:
    """Every way to the customer, best first; ways on which a notice already came back are left out.

    `first`: nothing has been sent yet, so nothing can have come back.
    """
    bad = set() if first else _came_back(case)
    seen = set()
    for route in _candidates(case):
        key = (route.account.channel_kind, route.identity.pk)
        if route.identity.pk not in bad and key not in seen:
            seen.add(key)
            yield route


def _came_back(case: Case) -> set[int]:
    rows = CustomerNotice.objects.filter(case=case, status="failed", delivery__isnull=False)
    return set(rows.values_list("delivery__identity_id", flat=True))


def _candidates(case: Case) -> Iterator[Route]:
    identity = case.origin.identity if case.origin is not None else None
    if identity is not None and case.account is not None and not identity.is_blocked:
        yield Route(case.account, identity)
    if case.customer is None:
        return
    identities = list(case.customer.identities.filter(is_blocked=False).order_by("-level", "id"))
    preferred = case.customer.preferred_channel
    identities.sort(key=lambda row: row.channel_kind != (space_of(preferred) if preferred else ""))
    accounts = _accounts(case)
    for identity in identities:
        for account in accounts:
            fits = identity.account_key in ("", str(account.uid))
            if space_of(account.channel_kind) == identity.channel_kind and fits:
                yield Route(account, identity)


def _accounts(case: Case) -> list[ChannelAccount]:
    """Working accounts, the case's own and its site's first."""
    rows = list(ChannelAccount.objects.filter(state__in=WORKING))
    rows.sort(key=lambda row: (row.pk != case.account_id, row.site_id != case.site_id, row.pk))
    return rows
