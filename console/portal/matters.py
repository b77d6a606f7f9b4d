"""A customer's own matters, as far as their session reaches: which they are, and what of them is theirs to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from console.cases.config import spec_of
from console.cases.models import Case, StateClass, ToldState
from console.channels.models import Attachment, DeliveryState, Message, MessageParticipant, ScanState
from console.conversations.models import Entry, EntryKind
from console.customers.models import Identity

from .models import CustomerSession
from .services.sessions import is_trusted

TOLD = (ToldState.TOLD, ToldState.PENDING, ToldState.FAILED)
NOT_SENT = (DeliveryState.CANCELLED, DeliveryState.HELD, DeliveryState.FAILED)
ENDED = (StateClass.RESOLVED, StateClass.CLOSED)
MOST = 200


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a matter in customers' words; without a date it is still to come."""

    text: str
    at: datetime | None = None
    now: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One message a customer may read: theirs, or ours to them."""

    at: datetime
    text: str
    ours: bool
    files: list[Attachment]


def mine(session: CustomerSession) -> QuerySet[Case]:
    """The matters this session may see, the latest first. Every page and every act begins here."""
    rows = Case.objects.filter(merged_into=None, set_aside="")
    rows = rows.select_related("type", "version__type", "conversation", "customer", "origin")
    rows = rows.defer("origin__text", "origin__html", "origin__quoted_text")
    identity = session.identity
    if session.case_id:
        rows = rows.filter(pk=session.case.merged_into_id or session.case_id)
    elif is_trusted(identity):
        rows = rows.filter(customer_id=identity.customer_id)
    else:
        rows = rows.filter(Q(origin__identity=identity) | Q(conversation__identity=identity))
    return rows.prefetch_related("clocks").order_by("-opened_at", "-id")


def stages(case: Case) -> list[Stage]:
    """The steps so far with their dates, and those that are still to come."""
    words = {
        StateClass.NEW: _("We have it"),
        StateClass.OPEN: _("We are working on it"),
        StateClass.WAITING_OTHER: _("We are working on it"),
        StateClass.WAITING_CUSTOMER: _("We need something from you"),
        StateClass.RESOLVED: _("We have decided"),
        StateClass.CLOSED: _("You withdrew it") if case.withdrawn_at else _("Finished"),
    }
    found: list[Stage] = []
    for row in case.intervals.all():
        if row.revoked_at is None and (not found or found[-1].text != words[row.state_class]):
            found.append(Stage(words[row.state_class], row.started_at))
    if found:
        found[-1] = Stage(found[-1].text, found[-1].at, now=True)
    return found + [Stage(words[code]) for code in _ahead(case)]


def _ahead(case: Case) -> list[str]:
    """What usually follows: a decision where the type knows one, and the end."""
    has_decision = any(state.state_class == StateClass.RESOLVED for state in spec_of(case.version).states.values())
    if case.state_class == StateClass.CLOSED:
        return []
    if case.state_class == StateClass.RESOLVED:
        return [StateClass.CLOSED]
    steps = [StateClass.OPEN] if case.state_class == StateClass.NEW else []
    return [*steps, *([StateClass.RESOLVED] if has_decision else []), StateClass.CLOSED]


def decision_of(case: Case) -> dict[str, Any] | None:
    """The decision, once it has been told or is on its way."""
    if case.decided_at is None or case.told not in TOLD or case.state_class not in ENDED:
        return None
    outcome = spec_of(case.version).choice("outcome", case.outcome)
    return {"outcome": outcome.label if outcome else "", "text": case.decision, "at": case.decided_at}


def said(session: CustomerSession, case: Case) -> list[Said]:
    """The messages of a matter this customer wrote or was written to, oldest first. Notes and others' words stay in."""
    messages = [
        row.message
        for row in Entry.objects.filter(conversation__case_links__case=case, kind=EntryKind.MESSAGE)
        .select_related("message__delivery")
        .order_by("at", "id")[:MOST]
        if row.message is not None
    ]
    readable = _readable(session, messages)
    files: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(message_id__in=[message.pk for message in readable], inline=False):
        files.setdefault(file.message_id, []).append(file)
    return [
        Said(message.reached_at, message.text, not message.inbound, files.get(message.pk, [])) for message in readable
    ]


def file_of(session: CustomerSession, case: Case, pk: int) -> Attachment | None:
    """A file of a message this customer may read, when it is clean."""
    row = Attachment.objects.filter(pk=pk, message__entry__conversation__case_links__case=case)
    file = row.select_related("message__delivery").first()
    if file is None or file.state not in (ScanState.CLEAN, ScanState.UNSCANNED) or not file.stored_as:
        return None
    return file if _readable(session, [file.message]) else None


def _readable(session: CustomerSession, messages: list[Message]) -> list[Message]:
    own = _own_identities(session)
    ours = [message.pk for message in messages if not message.inbound]
    to_me = set(
        MessageParticipant.objects.filter(message_id__in=ours, identity_id__in=own).values_list("message_id", flat=True)
    )
    return [message for message in messages if _is_readable(message, own, to_me)]


def _is_readable(message: Message, own: set[int], to_me: set[int]) -> bool:
    if message.inbound:
        return message.identity_id in own and not message.automatic
    delivery = getattr(message, "delivery", None)
    return message.pk in to_me and delivery is not None and delivery.status not in NOT_SENT


def _own_identities(session: CustomerSession) -> set[int]:
    """The addresses whose words this session may read: the proven one, and with it all others of a known customer."""
    identity = session.identity
    if session.case_id or not is_trusted(identity):
        return {identity.pk}
    return set(Identity.objects.filter(customer_id=identity.customer_id).values_list("pk", flat=True))
