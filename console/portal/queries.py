"""What a customer's page reads: ways in, the types they may choose, urgent matters, who wrote."""

from __future__ import annotations

from django.db.models import QuerySet

from console.cases import config
from console.cases.config import Spec
from console.cases.models import Case, CaseType
from console.channels.models import ChannelAccount, MessageParticipant, Role
from console.channels.models.account import WORKING
from console.customers.models import Identity

from .models import UrgentMatter


def public_ways_in() -> list[dict[str, str]]:
    """Name and address of every mailbox that works now, in the order of their names."""
    accounts = ChannelAccount.objects.filter(state__in=WORKING, channel_kind="email").exclude(address="")
    return list(accounts.values("name", "address"))


def offered_types() -> list[Spec]:
    """The case types customers may choose, in their order."""
    found = []
    for type_ in CaseType.objects.filter(is_active=True):
        try:
            spec = config.active_spec(type_.code)
        except config.NoActiveVersion:
            continue
        if spec.version.asked_as:
            found.append(spec)
    return found


def offered(code: str) -> Spec | None:
    """One of them by its code; the others need not be read for it."""
    if not CaseType.objects.filter(code=code, is_active=True).exists():
        return None
    try:
        spec = config.active_spec(code)
    except config.NoActiveVersion:
        return None
    return spec if spec.version.asked_as else None


def urgent_matters() -> list[UrgentMatter]:
    return list(UrgentMatter.objects.filter(is_active=True))


def identities_in(case: Case) -> QuerySet[Identity]:
    """Everybody who wrote to us in a case's conversations: the addresses it came from."""
    wrote = MessageParticipant.objects.filter(
        role=Role.FROM, own=False, message__direction="in", message__entry__conversation__case_links__case=case
    )
    return Identity.objects.filter(pk__in=wrote.values("identity_id")).select_related("customer")
