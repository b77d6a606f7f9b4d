"""Taking a matter up, or not: on record with grounds and words, and told to the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from .. import config
from ..models import Acceptance, AcceptanceState, Case, Choice, Fact, StateClass, ToldState, Transition
from . import deadlines, effects
from .base import CaseError, Who, record
from .effects import Effect, Step
from .workflow import Moved, take

Trigger = Transition.Trigger
# Work in these classes is work on an accepted matter, whoever began it and however.
AT_WORK = (StateClass.OPEN, StateClass.WAITING_OTHER, StateClass.RESOLVED)


def accept(case: Case, actor: Any = None, words: str = "", *, revision: int | None = None) -> Moved:
    """Take the matter up by the type's own step; emits `case.accepted`, and the customer is told.

    Raises NotAllowed, Stale, or CaseError where no such step starts.
    """
    return take(case, Trigger.ACCEPTED, actor, {"words": words}, revision=revision)


def not_accept(case: Case, grounds: str, words: str, actor: Any = None, *, revision: int | None = None) -> Moved:
    """Do not take it up, on grounds of the type's list and in words the customer reads; emits `case.not_accepted`.

    Raises NotAllowed, Stale, or CaseError without grounds or words, or where no such step starts.
    """
    return take(case, Trigger.NOT_ACCEPTED, actor, {"grounds": grounds, "words": words}, revision=revision)


def settle_by_work(case: Case, spec: config.Spec, by: Who, at: datetime, cause: str) -> None:
    """Inside a move: a matter somebody works on has been accepted. Types without acceptance are left alone."""
    if spec.accepts and case.acceptance == AcceptanceState.UNDECIDED and case.state_class in AT_WORK:
        _write(Step(case, spec, by, at, cause=cause), accepted=True)


def _check_refusal(case: Case, spec: config.Spec, brought: dict[str, Any]) -> None:
    if spec.choice(Choice.Kind.NON_ACCEPTANCE, brought.get("grounds", "")) is None:
        raise CaseError("grounds_needed", _("Choose the grounds from the list."), field="grounds")
    if not str(brought.get("words", "")).strip():
        raise CaseError("words_needed", _("Tell the customer why, in words."), field="words")


def _write(step: Step, *, accepted: bool) -> None:
    case = step.case
    Acceptance.objects.update_or_create(
        case=case,
        round=case.reopened,
        defaults={
            "accepted": accepted,
            "grounds": "" if accepted else step.brought["grounds"],
            "words": str(step.brought.get("words", "")).strip(),
            "cause": step.cause,
            "decided_by": step.by.user,
            "decided_at": step.at,
        },
    )
    case.acceptance = AcceptanceState.ACCEPTED if accepted else AcceptanceState.REFUSED
    if accepted:
        # An answer to the customer tells them by itself.
        record(case, "case.accepted", step.by, told=step.cause.startswith("delivery:"))
    else:
        deadlines.mark(case, Fact.REFUSED, step.at, step.cause)
        record(case, "case.not_accepted", step.by, grounds=step.brought["grounds"])


def forget(case: Case, cause: str) -> None:
    """What this cause had accepted was not: the case stands as the rows before it say."""
    Acceptance.objects.filter(case=case, cause=cause).delete()
    last = Acceptance.objects.filter(case=case).order_by("-round").first()
    states = {True: AcceptanceState.ACCEPTED, False: AcceptanceState.REFUSED}
    case.acceptance = states[last.accepted] if last else AcceptanceState.UNDECIDED


def _accepted(step: Step) -> None:
    _write(step, accepted=True)


def _refused(step: Step) -> None:
    _write(step, accepted=False)
    step.case.told = ToldState.NOT_YET


effects.register(Trigger.ACCEPTED, Effect(("words",), apply=_accepted))
effects.register(Trigger.NOT_ACCEPTED, Effect(("grounds", "words"), _check_refusal, _refused))
