"""Opening a case: by an agent, by an intake rule, by the API, by the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events.context import current_correlation
from console.foundation.ids import public_reference
from console.foundation.numbers import format_case_number, next_number
from console.foundation.work import ring
from console.lowcode import fields as lowcode_fields

from .. import clocks, search
from ..config import Spec, active_spec
from ..models import Case, CaseConversation, CaseIndex, CaseLink, CaseType, Clock, StateInterval, TurnOf
from . import deadlines
from .base import CaseError, Who, demand, record, who
from .values import apply_categories, apply_fields

SUBJECT_LENGTH = 300


def open_case(
    type: CaseType | str,
    customer: Any = None,
    conversation: Any = None,
    message: Any = None,
    *,
    actor: Any = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    categories: dict[str, str] | None = None,
    grade: int | None = None,
    team: Any = None,
    site: Any = None,
    owner: Any = None,
    account: Any = None,
    language: str = "",
    reached_at: datetime | None = None,
    follows: Case | None = None,
    suppress_reply: bool = False,
) -> Case:
    """Open a case with running clocks in the active version of its type; emits `case.opened`.

    Clocks start at `reached_at`, else when the message reached the bank, else now. Raises NotAllowed without
    `case.open`, CaseError when the type has no active version or values do not fit its fields.
    """
    by = who(actor)
    demand(by, "case.open")
    code = type if isinstance(type, str) else type.code
    try:
        spec = active_spec(code)
    except LookupError:
        raise CaseError("no_active_version", _("This case type has no active version."), field="type")
    now = timezone.now()
    case = Case(
        type_id=spec.version.type_id,
        version=spec.version,
        customer=customer or getattr(conversation, "customer", None),
        conversation=conversation,
        account=account or getattr(message, "account", None) or getattr(conversation, "account", None),
        origin=message,
        subject=_subject(subject, message, conversation),
        reached_at=min(reached_at or getattr(message, "reached_at", None) or now, now),
        opened_at=now,
        team=team,
        owner=owner,
        grade=grade or spec.version.default_grade,
        suppress_reply=suppress_reply,
        correlation_id=current_correlation() or getattr(message, "correlation_id", ""),
    )
    case.site_id = site.pk if site is not None else getattr(team, "site_id", None) or _site_of(case, conversation)
    case.language = language or _language(case, message)
    case.last_message_at = case.last_inbound_at = case.reached_at if message is not None else None
    with transaction.atomic(savepoint=False):
        _store(case, spec, by, now, data, categories, follows)
    return case


def _subject(subject: str, message: Any, conversation: Any) -> str:
    text = subject or getattr(message, "subject", "") or getattr(conversation, "subject", "")
    text = text or " ".join(getattr(message, "text", "").split())[:80]
    return (text or str(_("(no subject)")))[:SUBJECT_LENGTH]


def _site_of(case: Case, conversation: Any) -> int | None:
    for place in (conversation, case.account, case.customer):
        if getattr(place, "site_id", None):
            return place.site_id
    return None


def _language(case: Case, message: Any) -> str:
    chosen = getattr(case.customer, "language", "") or getattr(message, "language", "") or "zh-hans"
    return "en" if chosen.lower().startswith("en") else "zh-hans"


def _store(
    case: Case,
    spec: Spec,
    by: Who,
    now: datetime,
    data: dict[str, Any] | None,
    categories: dict[str, str] | None,
    follows: Case | None,
) -> None:
    initial = spec.initial
    deadlines.set_state(case, spec, initial.code)
    case.turn = TurnOf.STAFF
    readings = _first_readings(case, spec, now)
    deadlines.summarise(case, spec, readings)
    _number(case, spec)
    if data:
        apply_fields(case, spec, data)
    _insert(case, spec)
    if case.data:
        lowcode_fields.sync_index(CaseIndex, case, spec.fields, case.data, fresh=True)
    StateInterval.objects.create(
        case=case, state=initial.code, state_class=initial.state_class, started_at=case.reached_at
    )
    Clock.objects.bulk_create(deadlines.rows_for(case, readings))
    if case.conversation_id:
        CaseConversation.objects.create(case=case, conversation_id=case.conversation_id)
    if categories:
        apply_categories(case, spec, categories)
    if follows is not None:
        CaseLink.objects.create(case=case, other=follows, kind=CaseLink.Kind.FOLLOW_UP)
    ring(search.PUMP)
    record(
        case,
        "case.opened",
        by,
        type=spec.type.code,
        version=spec.version.number,
        state=case.state,
        grade=case.grade,
        team_id=case.team_id,
        site_id=case.site_id,
        owner_id=case.owner_id,
        message_id=case.origin_id,
        conversation_id=case.conversation_id,
        suppress_reply=case.suppress_reply,
    )


def _first_readings(case: Case, spec: Spec, now: datetime) -> list[tuple[int, str, clocks.Reading]]:
    """A new case's whole history is known without asking the database."""
    history = clocks.History(
        intervals=(clocks.Interval(case.state_class, case.reached_at),),
        moments=deadlines.beginning(case),
        grade=case.grade,
    )
    return deadlines.read_all(spec, history, now)


def _number(case: Case, spec: Spec) -> None:
    year = timezone.localtime(case.opened_at).year
    number = format_case_number(year, next_number(f"case-{year}"))
    case.number = number.replace("HY", spec.version.number_prefix or "HY", 1)
    case.public_ref = public_reference("C")


def _insert(case: Case, spec: Spec) -> None:
    try:
        case.save(force_insert=True)
    except IntegrityError as error:
        raise CaseError("not_stored", _("The case could not be stored.")) from error
