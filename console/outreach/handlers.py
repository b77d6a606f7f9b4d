"""What this room hears from cases, and what it tells customers then.

After commit, in one transaction with the mark that it was done: a notice goes out once, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from console.cases.models import AcceptanceState, Case, CustomerNotice, ToldState
from console.channels.models import Delivery, DeliveryState
from console.events import subscribe

from . import services, surveys
from .models import SurveyAnswer

Kind = CustomerNotice.Kind


def _cases(events: Sequence[Any]) -> list[Case]:
    """The events' cases with what a notice needs; what many share is read once, long texts not at all."""
    rows = Case.objects.select_related("customer", "conversation", "origin__identity")
    rows = rows.prefetch_related("version", "type", "account")
    rows = rows.defer("origin__text", "origin__html", "origin__quoted_text")
    found = rows.in_bulk([event.data["case_id"] for event in events])
    for case in found.values():
        identity = case.origin.identity if case.origin is not None else None
        if identity is not None and identity.customer_id == case.customer_id:
            identity.customer = case.customer
    return [found[event.data["case_id"]] for event in events]


def _case(event: Any) -> Case:
    return _cases([event])[0]


def _wants(case: Case, kind: str) -> bool:
    return kind in case.version.notices


def on_opened(events: Sequence[Any]) -> None:
    cases = [case for case in _cases(events) if case.origin_id and _wants(case, Kind.ACKNOWLEDGEMENT)]
    services.notify_many(cases, Kind.ACKNOWLEDGEMENT)


def on_accepted(event: Any) -> None:
    case = _case(event)
    if not event.data.get("told") and _wants(case, Kind.ACCEPTANCE):
        services.notify(case, Kind.ACCEPTANCE)


def on_not_accepted(event: Any) -> None:
    case = _case(event)
    if _wants(case, Kind.NON_ACCEPTANCE) and case.told in (ToldState.NOT_YET, ToldState.FAILED):
        services.notify(case, Kind.NON_ACCEPTANCE)


def on_material_asked(event: Any) -> None:
    case = _case(event)
    if _wants(case, Kind.SUPPLEMENT):
        services.notify(case, Kind.SUPPLEMENT)


def on_decided(event: Any) -> None:
    case = _case(event)
    if _wants(case, Kind.DECISION) and case.decision and case.told in (ToldState.NOT_YET, ToldState.FAILED):
        _with_its_answer(event, case, Kind.DECISION)


def on_extended(event: Any) -> None:
    case = _case(event)
    if event.data.get("tells_customer") and _wants(case, Kind.EXTENSION):
        services.notify(case, Kind.EXTENSION)


def on_closed(event: Any) -> None:
    """A case that ends without a decision to tell gets a word that it ended, and is asked how it was."""
    case = _case(event)
    silent = case.set_aside or case.suppress_reply or case.acceptance == AcceptanceState.REFUSED
    # A case taken up again since is not over.
    if _wants(case, Kind.CLOSING) and case.told == ToldState.NOT_YET and not case.is_open and not silent:
        _with_its_answer(event, case, Kind.CLOSING, surveys.wait(case))


def _with_its_answer(event: Any, case: Case, kind: str, wait: float = 0) -> None:
    """What follows from an answer that can still be taken back waits as long as the answer does; and `wait` longer."""
    source, _colon, number = event.data.get("cause", "").partition(":")
    answer = Delivery.objects.filter(pk=number).first() if source == "delivery" else None
    if answer is None:
        services.notify(case, kind, undo_seconds=wait)
    elif answer.status != DeliveryState.CANCELLED:
        services.notify(case, kind, undo_seconds=_seconds_until(answer.not_before) + wait)


def _seconds_until(at: datetime | None) -> float:
    return max(0.0, (at - timezone.now()).total_seconds()) if at else 0.0


def on_tell_again(event: Any) -> None:
    services.tell_again(_case(event), event.data["notice_id"])


def on_rated(event: Any) -> None:
    surveys.follow_up(SurveyAnswer.objects.select_related("case__type").get(pk=event.data["answer_id"]))


def register() -> None:
    for type_, name, handler in (
        ("case.opened", "outreach.acknowledge", on_opened),
        ("case.accepted", "outreach.acceptance", on_accepted),
        ("case.not_accepted", "outreach.non_acceptance", on_not_accepted),
        ("case.material_asked", "outreach.supplement", on_material_asked),
        ("case.decided", "outreach.decision", on_decided),
        ("case.extended", "outreach.extension", on_extended),
        ("case.closed", "outreach.closing", on_closed),
        ("case.tell_again", "outreach.tell_again", on_tell_again),
        ("survey.answered", "outreach.rated", on_rated),
    ):
        subscribe(type_, name, handler, mode="after_commit", batch=handler is on_opened)
