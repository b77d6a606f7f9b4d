"""Moving a case through its workflow: what is possible, why not, and doing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.staff.access import can, roles_of

from .. import subjects
from ..config import Spec, spec_of
from ..models import Approval, Case, CaseCategory, Choice, Fact, Party, StateClass, Task, Transition, TurnOf
from . import deadlines, effects
from .asking import ask
from .base import CaseError, Incomplete, Missing, NotAllowed, Text, Who, changing, demand, record, who
from .reminders import lay_down
from .values import apply_categories, apply_fields

# What a transition may require or carry besides custom fields and `category:<dimension>`.
BUILT_IN = ("outcome", "root_cause", "decision", "grade", "owner", "subject")


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition as it is offered to one person: possible, or the reasons why not."""

    transition: Transition
    reasons: tuple[Text, ...] = ()
    requires: tuple[Missing, ...] = ()
    needs_approval: bool = False

    @property
    def code(self) -> str:
        return self.transition.code

    @property
    def label(self) -> str:
        return self.transition.label

    @property
    def allowed(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Moved:
    """What `transition` did: moved the case, or asked a second person."""

    case: Case
    approval: Approval | None = None
    events: tuple[str, ...] = field(default=())

    @property
    def waiting(self) -> bool:
        return self.approval is not None


def available_transitions(case: Case, user: Any) -> list[Offer]:
    """Every move a person could make from here, likeliest first, with reasons beside those not possible now.

    What is merely missing (`requires`) can be filled in with the move itself and is no reason against it.
    """
    spec = spec_of(case.version)
    rows = [row for row in spec.leaving(case.state) if row.trigger in PERSONAL]
    return [_offer(case, spec, row, user) for row in rows if row.target != case.state]


Trigger = Transition.Trigger
# Moves a person chooses; all others happen by what customers and deliveries do.
PERSONAL = (
    Trigger.PERSON,
    Trigger.ACCEPTED,
    Trigger.NOT_ACCEPTED,
    Trigger.SUPPLEMENT,
    Trigger.MEDIATION,
    Trigger.LAWSUIT,
    Trigger.PROCEEDING_OVER,
    Trigger.WITHDRAWN,
    Trigger.REOPENED,
)


# Moves a customer makes too, who must not be held up by what staff have not filled in.
CUSTOMERS = (Trigger.WITHDRAWN, Trigger.REOPENED)


def needs(spec: Spec, move: Transition) -> list[str]:
    """What a move asks for: by itself, and by the state somebody takes the case to."""
    if move.trigger not in PERSONAL or move.trigger in CUSTOMERS:
        return list(move.requires)
    by_state = [row.code for row in spec.fields if move.target in row.required_in]
    return list(dict.fromkeys([*move.requires, *by_state]))


def _offer(case: Case, spec: Spec, row: Transition, user: Any) -> Offer:
    from .closing import missing_for_closing

    reasons: list[Text] = []
    if not can(user, _permission(spec, row), case):
        reasons.append(_("You may not do this with this case."))
    elif not _has_role(row, user):
        reasons.append(_("Another role does this."))
    if not _guard_holds(row, case):
        reasons.append(_("The case does not meet the condition of this step."))
    if _pending(case, row.code):
        reasons.append(_("This step is waiting for approval."))
    if _closes(spec, row) and row.trigger == Transition.Trigger.PERSON:
        reasons += [item.text for item in missing_for_closing(case)]
    lacking = tuple(missing_fields(case, spec, needs(spec, row)))
    return Offer(row, tuple(reasons), lacking, bool(row.approval_role))


def _closes(spec: Spec, row: Transition) -> bool:
    return spec.states[row.target].state_class == StateClass.CLOSED


def _permission(spec: Spec, row: Transition) -> str:
    if row.trigger == Transition.Trigger.WITHDRAWN:
        return "case.withdraw"
    if row.trigger == Transition.Trigger.REOPENED:
        return "case.reopen"
    return "case.close" if _closes(spec, row) else "case.work"


def _has_role(row: Transition, user: Any) -> bool:
    return not row.roles or getattr(user, "is_superuser", False) or bool(roles_of(user) & set(row.roles))


def _guard_holds(row: Transition, case: Case) -> bool:
    return not row.guard or subjects.holds(row.guard, case)


def _pending(case: Case, code: str) -> bool:
    """A page that offers many steps reads the approvals once, by prefetching them."""
    wanted = (Approval.Kind.TRANSITION, Approval.Status.PENDING, code)
    return any((row.kind, row.status, row.payload.get("transition")) == wanted for row in case.approvals.all())


def missing_fields(case: Case, spec: Spec, codes: list[str]) -> list[Missing]:
    """Which of these built-in or custom fields have no value yet."""
    return [_missing(spec, code) for code in codes if not _value(case, code)]


def _value(case: Case, code: str) -> Any:
    if code.startswith("category:"):
        return CaseCategory.objects.filter(case=case, dimension=code.partition(":")[2]).exists()
    if code == "owner":
        return case.owner_id
    value = getattr(case, code) if code in BUILT_IN else case.data.get(code)
    return value is not None and value not in ("", [])


LABELS = {
    "outcome": _("Outcome"),
    "root_cause": _("Root cause"),
    "decision": _("Decision"),
    "grade": _("Grade"),
    "owner": _("Owner"),
    "subject": pgettext_lazy("case", "Subject"),
}


def _missing(spec: Spec, code: str) -> Missing:
    custom = spec.field(code)
    text = custom.label if custom is not None else LABELS.get(code, code)
    if code.startswith("category:"):
        text = _("Category")
    return Missing(code, text, f"field-{code.replace(':', '-')}")


def transition(
    case: Case,
    code: str,
    actor: Any = None,
    data: dict[str, Any] | None = None,
    reason: str = "",
    *,
    revision: int | None = None,
    cause: str = "",
) -> Moved:
    """Make a move of the workflow, filling in `data` on the way; emits `case.transitioned` and what follows.

    A move that needs a second person is stored as an approval instead (`Moved.waiting`). Raises NotAllowed,
    Incomplete with what is missing, Stale, or CaseError. `cause` names what carried the move along, for undoing it.
    """
    by = who(actor)
    with changing(case, revision) as row:
        spec = spec_of(row.version)
        move = _find(spec, row, code)
        demand(by, _permission(spec, move), row)
        if by.user is not None and not _has_role(move, by.user):
            raise NotAllowed("role", _("Another role does this."))
        if move.asks_reason and by.user is not None and not reason.strip():
            raise CaseError("reason_needed", _("Give a reason."), field="reason")
        brought, values = effects.split(move.trigger, data or {})
        carry(row, spec, by, values)
        check(row, spec, move)
        effects.of(move.trigger).check(row, spec, brought)
        if move.approval_role and by.user is not None:
            approval = _ask(row, move, by, reason, cause, brought)
        else:
            approval = None
            execute(row, spec, move, by, reason=reason, cause=cause, brought=brought)
    return Moved(case, approval)


def take(
    case: Case, trigger: str, actor: Any, data: dict[str, Any], reason: str = "", *, revision: int | None = None
) -> Moved:
    """Make the move of a trigger that starts here. Raises what `transition` raises."""
    move = spec_of(case.version).triggered(trigger, case.state)
    if move is None:
        raise CaseError("not_here", _("This step does not start from the present state."))
    return transition(case, move.code, actor, data, reason, revision=revision)


def _find(spec: Spec, case: Case, code: str) -> Transition:
    move = spec.transitions.get(code)
    if move is None or (case.state not in move.sources and "*" not in move.sources):
        raise CaseError("not_here", _("This step does not start from the present state."))
    return move


def carry(case: Case, spec: Spec, by: Who, data: dict[str, Any]) -> None:
    """Set what the move brought along: outcome, root cause, decision, categories, custom fields."""
    custom = {}
    for code, value in data.items():
        if code in ("outcome", "root_cause"):
            _set_choice(case, spec, code, value)
        elif code == "decision":
            case.decision = str(value).strip()
        elif code.startswith("category:"):
            apply_categories(case, spec, {code.partition(":")[2]: value})
        else:
            custom[code] = value
    if custom:
        apply_fields(case, spec, custom)
    if data:
        record(case, "case.fields_changed", by, fields=sorted(data))


def _set_choice(case: Case, spec: Spec, kind: str, code: str) -> None:
    if code and spec.choice(kind, code) is None:
        raise CaseError("unknown_choice", _("This is not on the list."), field=kind)
    setattr(case, kind, code)


def check(case: Case, spec: Spec, move: Transition) -> None:
    """Everything that must hold before the move, whoever makes it."""
    from .closing import missing_for_closing

    if not _guard_holds(move, case):
        raise CaseError("guard", _("The case does not meet the condition of this step."))
    missing = missing_fields(case, spec, needs(spec, move))
    if _closes(spec, move) and move.trigger in (Transition.Trigger.PERSON, Transition.Trigger.TOLD):
        missing += missing_for_closing(case)
    if missing:
        raise Incomplete(missing)


def _ask(case: Case, move: Transition, by: Who, reason: str, cause: str, brought: dict[str, Any]) -> Approval:
    if _pending(case, move.code):
        raise CaseError("pending", _("This step is waiting for approval."))
    payload = {"transition": move.code, "cause": cause} | ({"brought": brought} if brought else {})
    return ask(case, Approval.Kind.TRANSITION, move.approval_role, by, step=move.code, reason=reason, payload=payload)


def execute(
    case: Case,
    spec: Spec,
    move: Transition,
    by: Who,
    *,
    reason: str = "",
    at: datetime | None = None,
    cause: str = "",
    brought: dict[str, Any] | None = None,
) -> None:
    """Make a checked move inside a `changing` block: interval, dates, what its trigger does, clocks, events."""
    from .accepting import settle_by_work
    from .rechecking import settle as settle_recheck

    before, before_class = case.state, case.state_class
    at = _not_before_current(case, at or timezone.now())
    deadlines.enter(case, spec, move.target, at, cause)
    case.turn = _turn(case)
    extra = _settle_dates(case, before_class, at, cause)
    effects.of(move.trigger).apply(effects.Step(case, spec, by, at, brought or {}, reason, cause))
    settle_by_work(case, spec, by, at, cause)
    deadlines.refresh(case, spec)
    record(
        case,
        "case.transitioned",
        by,
        transition=move.code,
        before=before,
        after=case.state,
        state_class=case.state_class,
        reason=bool(reason),
    )
    for kind in extra:
        record(case, kind, by, outcome=case.outcome, state=case.state, cause=cause)
    _write_reason(case, by, reason)
    if "case.decided" in extra:
        settle_recheck(case)


def _not_before_current(case: Case, at: datetime) -> datetime:
    """A voice may have reached us before the last move was made; intervals still follow one another."""
    last = case.intervals.filter(ended_at=None, revoked_at=None).values_list("started_at", flat=True).first()
    return max(at, last) if last else at


def _turn(case: Case) -> str:
    if case.state_class == StateClass.CLOSED:
        return TurnOf.NOBODY
    return TurnOf.CUSTOMER if case.state_class == StateClass.WAITING_CUSTOMER else TurnOf.STAFF


def _settle_dates(case: Case, before_class: str, at: datetime, cause: str) -> list[str]:
    """Dates and marks that follow from the class just entered; returns the further events to emit."""
    events: list[str] = []
    ended = (StateClass.RESOLVED, StateClass.CLOSED)
    if case.state_class in ended and before_class not in ended:
        case.resolved_at = at
        deadlines.mark(case, Fact.RESOLVED, at, cause)
        if case.outcome and case.decided_at is None:
            case.decided_at = at
            deadlines.mark(case, Fact.DECIDED, at, cause)
            events.append("case.decided")
    if case.state_class == StateClass.CLOSED and before_class != StateClass.CLOSED:
        case.closed_at = at
        lay_down(case, at)
        events.append("case.closed")
    if case.state_class not in ended and before_class in ended:
        events.append("case.reopened")
        _begin_again(case, at, cause)
    return events


def _begin_again(case: Case, at: datetime, cause: str) -> None:
    from ..models import AcceptanceState, ToldState
    from .stepping import call_off_notices

    if case.closed_at is not None:
        call_off_notices(case, case.closed_at, ("closing",))
    case.reopened += 1
    case.closed_at = case.resolved_at = case.decided_at = case.withdrawn_at = None
    if case.acceptance == AcceptanceState.REFUSED:
        case.acceptance = AcceptanceState.UNDECIDED
    case.told = ToldState.NOT_YET
    case.not_told_reason = ""
    deadlines.mark(case, Fact.REOPENED, at, cause)


def fire(
    case: Case,
    spec: Spec,
    trigger: str,
    by: Who,
    *,
    at: datetime | None = None,
    cause: str = "",
    reason: str = "",
    brought: dict[str, Any] | None = None,
) -> bool:
    """Let the system make the move its trigger names, if this state has one. Inside a `changing` block."""
    move = spec.triggered(trigger, case.state)
    if move is None:
        return False
    try:
        check(case, spec, move)
    except CaseError:
        return False
    execute(case, spec, move, by, at=at, cause=cause, reason=reason, brought=brought)
    return True


def reopen(case: Case, actor: Any = None, reason: str = "", *, revision: int | None = None) -> Case:
    """Take a resolved or closed case up again by its type's own transition; emits `case.reopened`."""
    by = who(actor)
    with changing(case, revision) as row:
        demand(by, "case.reopen", row)
        if not fire(row, spec_of(row.version), Trigger.REOPENED, by, reason=reason):
            raise CaseError("not_here", _("This case cannot be reopened from its present state."))
    return case


def withdraw(
    case: Case, actor: Any = None, reason: str = "", *, party: int | None = None, revision: int | None = None
) -> Case:
    """The customer withdrew, or a party for them: handling ends today; emits `case.withdrawn` and `case.closed`.

    Raises CaseError when the authority of the party does not go so far; NotAllowed, Stale.
    """
    by, brought = who(actor), {"party": party}
    with changing(case, revision) as row:
        demand(by, "case.withdraw", row)
        spec = spec_of(row.version)
        _check_withdrawal(row, spec, brought)
        if not fire(row, spec, Trigger.WITHDRAWN, by, reason=reason, brought=brought):
            raise CaseError("not_here", _("This case cannot be withdrawn from its present state."))
    return case


def _check_withdrawal(case: Case, spec: Spec, brought: dict[str, Any]) -> None:
    from .parties import demand_scope

    if brought.get("party"):
        demand_scope(case, brought["party"], Party.Scope.WITHDRAW)


def _withdrawn(step: effects.Step) -> None:
    """Handling ends the same day: nothing of it stays open."""
    case = step.case
    case.withdrawn_at = step.at
    case.tasks.filter(status=Task.Status.OPEN).update(status=Task.Status.CANCELLED, done_at=step.at)
    for approval in case.approvals.filter(status=Approval.Status.PENDING):
        from .approvals import drop

        drop(case, approval, step.by)
    party = step.brought.get("party")
    record(case, "case.withdrawn", step.by, **({"party_id": int(party)} if party else {}))


effects.register(Trigger.WITHDRAWN, effects.Effect(("party",), _check_withdrawal, _withdrawn))


def _write_reason(case: Case, by: Who, reason: str) -> None:
    if reason.strip():
        from .notes import note_on

        note_on(case, by, reason.strip())


__all__ = [
    "BUILT_IN",
    "Choice",
    "Moved",
    "Offer",
    "available_transitions",
    "carry",
    "check",
    "execute",
    "fire",
    "missing_fields",
    "needs",
    "reopen",
    "take",
    "transition",
    "withdraw",
]
