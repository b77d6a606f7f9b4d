"""Opening a case: by an agent, by an intake rule, by the API, by the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import NewEvent, current_correlation, emit_many
from console.foundation.ids import public_reference
from console.foundation.numbers import format_case_number, next_number
from console.foundation.work import ring
from console.lowcode import fields as lowcode_fields

from .. import clocks, search
from ..config import Spec, active_spec
from ..models import Case, CaseConversation, CaseIndex, CaseLink, CaseType, Clock, StateInterval, TurnOf
from . import deadlines
from .base import CaseError, Incomplete, Missing, Who, demand, recorded, who
from .values import apply_categories, apply_fields, clean_fields

SUBJECT_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a case begins with. Clocks start at `reached_at`, else when the message reached the bank, else now."""

    type: CaseType | str
    customer: Any = None
    conversation: Any = None
    message: Any = None
    subject: str = ""
    data: dict[str, Any] | None = None
    categories: dict[str, str] | None = None
    grade: int | None = None
    team: Any = None
    site: Any = None
    owner: Any = None
    account: Any = None
    language: str = ""
    reached_at: datetime | None = None
    follows: Case | None = None
    suppress_reply: bool = False
    # It grows out of another case: what its first state needs is filled in there, not asked for now.
    grown: bool = False


def open_case(
    type: CaseType | str,
    customer: Any = None,
    conversation: Any = None,
    message: Any = None,
    *,
    actor: Any = None,
    **more: Any,
) -> Case:
    """Open a case with running clocks in the active version of its type; emits `case.opened`.

    `more` are the other things an `Opening` may hold. Raises NotAllowed without `case.open`, CaseError when the type
    has no active version or values do not fit its fields, Incomplete when a person leaves out what the first state
    needs.
    """
    opening = Opening(type=type, customer=customer, conversation=conversation, message=message, **more)
    return open_cases([opening], actor)[0]


def open_cases(openings: Sequence[Opening], actor: Any = None) -> list[Case]:
    """`open_case` for many, with the queries of one; the cases in the given order, all of them or none."""
    by = who(actor)
    demand(by, "case.open")
    now = timezone.now()
    begun = [(one, spec, _unsaved(one, spec, now)) for one in openings for spec in [_spec(one)]]
    for one, spec, _case in begun:
        if _by_hand(one, by):
            _demand_fields(spec, one)
    if begun:
        with transaction.atomic(savepoint=False):
            _store(begun, by, now)
    return [case for _, _, case in begun]


def _spec(opening: Opening) -> Spec:
    try:
        return active_spec(opening.type if isinstance(opening.type, str) else opening.type.code)
    except LookupError:
        raise CaseError("no_active_version", _("This case type has no active version."), field="type")


def _unsaved(opening: Opening, spec: Spec, now: datetime) -> Case:
    message, conversation = opening.message, opening.conversation
    reached = opening.reached_at or getattr(message, "reached_at", None) or now
    case = Case(
        type_id=spec.version.type_id,
        version=spec.version,
        customer=opening.customer or getattr(conversation, "customer", None),
        conversation=conversation,
        account=opening.account or getattr(message, "account", None) or getattr(conversation, "account", None),
        origin=message,
        subject=_subject(opening.subject, message, conversation),
        reached_at=min(reached, now),
        opened_at=now,
        team=opening.team,
        owner=opening.owner,
        grade=opening.grade or spec.version.default_grade,
        suppress_reply=opening.suppress_reply,
        correlation_id=current_correlation() or getattr(message, "correlation_id", ""),
    )
    site_id = opening.site.pk if opening.site is not None else getattr(opening.team, "site_id", None)
    case.site_id = site_id or _site_of(case, conversation)
    case.language = opening.language or _language(case, message)
    case.last_message_at = case.last_inbound_at = case.reached_at if message is not None else None
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


Begun = tuple[Opening, Spec, Case]


def _store(begun: Sequence[Begun], by: Who, now: datetime) -> None:
    readings = [_begin(opening, spec, case, now) for opening, spec, case in begun]
    _insert([case for _, _, case in begun])
    StateInterval.objects.bulk_create(
        StateInterval(case=case, state=case.state, state_class=case.state_class, started_at=case.reached_at)
        for _, _, case in begun
    )
    Clock.objects.bulk_create(
        clock for (_, _, case), first in zip(begun, readings, strict=True) for clock in deadlines.rows_for(case, first)
    )
    CaseConversation.objects.bulk_create(
        CaseConversation(case=case, conversation_id=case.conversation_id)
        for _, _, case in begun
        if case.conversation_id
    )
    for opening, spec, case in begun:
        _add(opening, spec, case)
    ring(search.PUMP)
    emit_many(_opened(spec, case, by) for _, spec, case in begun)


def _begin(opening: Opening, spec: Spec, case: Case, now: datetime) -> list[tuple[int, str, clocks.Reading]]:
    """Give an unsaved case its state, number, deadlines and fields; returns the first readings of its clocks."""
    deadlines.set_state(case, spec, spec.initial.code)
    case.turn = TurnOf.STAFF
    readings = _first_readings(case, spec, now)
    deadlines.summarise(case, spec, readings)
    _number(case, spec)
    if opening.data:
        apply_fields(case, spec, opening.data)
    return readings


def _by_hand(opening: Opening, by: Who) -> bool:
    """Whether a person says what the matter is; what came as a message stands whatever it left out."""
    return by.user is not None and opening.message is None and not opening.grown


def _demand_fields(spec: Spec, opening: Opening) -> None:
    data = clean_fields(spec, opening.data or {})
    lacking = lowcode_fields.missing(spec.fields, data, spec.initial.code)
    if lacking:
        raise Incomplete([Missing(field.code, field.label, f"field-{field.code}") for field in lacking])


def _add(opening: Opening, spec: Spec, case: Case) -> None:
    """What only some cases have."""
    if case.data:
        lowcode_fields.sync_index(CaseIndex, case, spec.fields, case.data, fresh=True)
    if opening.categories:
        apply_categories(case, spec, opening.categories)
    if opening.follows is not None:
        CaseLink.objects.create(case=case, other=opening.follows, kind=CaseLink.Kind.FOLLOW_UP)


def _opened(spec: Spec, case: Case, by: Who) -> NewEvent:
    return recorded(
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


def _insert(cases: Sequence[Case]) -> None:
    try:
        Case.objects.bulk_create(cases)
    except IntegrityError as error:
        raise CaseError("not_stored", _("The case could not be stored.")) from error
