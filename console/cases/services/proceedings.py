"""Mediation, arbitration, lawsuits: the matter waits for somebody outside the bank, and comes back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.text import clean

from ..config import Spec
from ..models import Case, Proceeding, Transition
from . import effects
from .base import CaseError, record
from .effects import Effect, Step
from .workflow import Moved, take

Trigger = Transition.Trigger
Kind = Proceeding.Kind
KEYS = ("kind", "body", "reference", "started_on")


def begin_proceeding(
    case: Case,
    kind: str,
    body: str,
    actor: Any = None,
    *,
    reference: str = "",
    started_on: date | None = None,
    revision: int | None = None,
) -> Moved:
    """The matter goes to a mediator, an arbitrator or a court by the type's own step; emits `case.proceeding_begun`.

    Raises CaseError without its name, or for a day to come; NotAllowed, Stale.
    """
    trigger = Trigger.MEDIATION if kind == Kind.MEDIATION else Trigger.LAWSUIT
    brought = {"kind": kind, "body": body, "reference": reference, "started_on": started_on}
    return take(case, trigger, actor, {key: value for key, value in brought.items() if value}, revision=revision)


def end_proceeding(case: Case, result: str, actor: Any = None, *, revision: int | None = None) -> Moved:
    """It is over, with this result; emits `case.proceeding_over`. Raises CaseError without a result."""
    return take(case, Trigger.PROCEEDING_OVER, actor, {"result": result}, revision=revision)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or timezone.localdate()


def _check_begin(case: Case, spec: Spec, brought: dict[str, Any]) -> None:
    if not clean(str(brought.get("body", ""))).strip():
        raise CaseError("body_needed", _("Say which mediator, arbitrator or court."), field="body")
    if brought.get("kind", Kind.MEDIATION) not in Kind.values:
        raise CaseError("unknown_kind", _("Choose the kind from the list."), field="kind")
    try:
        day = _day(brought.get("started_on"))
    except ValueError as error:
        raise CaseError("day", _("Write the day as 2026-11-22."), field="started_on") from error
    if day > timezone.localdate():
        raise CaseError("future", _("This day is still to come."), field="started_on")


def _check_over(case: Case, spec: Spec, brought: dict[str, Any]) -> None:
    if not str(brought.get("result", "")).strip():
        raise CaseError("result_needed", _("Say what came of it."), field="result")


def _begun(kind: str) -> Any:
    def apply(step: Step) -> None:
        made = Proceeding.objects.create(
            case=step.case,
            kind=step.brought.get("kind") or kind,
            body=clean(str(step.brought["body"])).strip()[:120],
            reference=clean(str(step.brought.get("reference", ""))).strip()[:60],
            started_on=_day(step.brought.get("started_on")),
            recorded_by=step.by.user,
        )
        step.case.set_beside("proceedings")
        record(step.case, "case.proceeding_begun", step.by, proceeding_id=made.pk, kind=made.kind)

    return apply


def _over(step: Step) -> None:
    rows = Proceeding.objects.filter(case=step.case, ended_on=None)
    for row in rows:
        row.ended_on, row.result = timezone.localdate(step.at), str(step.brought["result"]).strip()
        row.save(update_fields=["ended_on", "result"])
        record(step.case, "case.proceeding_over", step.by, proceeding_id=row.pk, kind=row.kind)


effects.register(Trigger.MEDIATION, Effect(KEYS, _check_begin, _begun(Kind.MEDIATION)))
effects.register(Trigger.LAWSUIT, Effect(KEYS, _check_begin, _begun(Kind.LAWSUIT)))
effects.register(Trigger.PROCEEDING_OVER, Effect(("result",), _check_over, _over))
