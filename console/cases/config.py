"""Configuration as the services read it: one frozen object for each version, kept in memory.

An active version never changes, so its object is kept for as long as the process lives, under the version's
own uid. Which version is active, and the intake rules, are asked again after a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from . import clocks
from .models import (
    CaseType,
    CaseTypeVersion,
    Category,
    CategoryTree,
    Choice,
    ClockPolicy,
    ClosingRequirement,
    EscalationStep,
    ExtensionRule,
    FieldDef,
    Grade,
    GradeScale,
    IntakeRule,
    Limit,
    MaterialKind,
    RedressLimit,
    State,
    Transition,
)

FRESH_SECONDS = 3.0


class NoActiveVersion(LookupError):
    """A case type has no active version, so no case of it can be opened."""


class Spec:
    """Everything about one case type version, read once."""

    def __init__(self, version: CaseTypeVersion) -> None:
        self.version = version
        self.type: CaseType = version.type
        self.states: dict[str, State] = {row.code: row for row in version.states.all()}
        self.transitions: dict[str, Transition] = {row.code: row for row in version.transitions.all()}
        self.closing: list[ClosingRequirement] = list(version.closing.all())
        self.fields: list[FieldDef] = list(version.fields.all())
        self.choices: list[Choice] = list(version.choices.all())
        self.policies: list[tuple[ClockPolicy, clocks.Policy]] = [
            (row, policy_of(row)) for row in version.clock_policies.all()
        ]
        self.steps: list[EscalationStep] = list(version.escalation_steps.all())
        self.extension_rules: dict[str, ExtensionRule] = {row.code: row for row in version.extension_rules.all()}
        self.limits: dict[str, Limit] = {row.kind: row for row in version.limits.all()}
        self.redress_limits: list[RedressLimit] = list(version.redress_limits.all())
        self.material_kinds: list[MaterialKind] = list(version.material_kinds.all())

    @property
    def pk(self) -> int:
        return self.version.pk

    @cached_property
    def initial(self) -> State:
        return next(state for state in self.states.values() if state.is_initial)

    def leaving(self, state: str) -> list[Transition]:
        return [row for row in self.transitions.values() if state in row.sources or "*" in row.sources]

    def triggered(self, trigger: str, state: str) -> Transition | None:
        """The move the system makes from `state` when `trigger` happens."""
        return next((row for row in self.leaving(state) if row.trigger == trigger and row.target != state), None)

    def field(self, code: str) -> FieldDef | None:
        return next((row for row in self.fields if row.code == code), None)

    def choice(self, kind: str, code: str) -> Choice | None:
        return next((row for row in self.choices if row.kind == kind and row.code == code), None)

    def limit(self, kind: str) -> Limit | None:
        return self.limits.get(kind)

    def material(self, code: str) -> MaterialKind | None:
        return next((row for row in self.material_kinds if row.code == code), None)

    @cached_property
    def accepts(self) -> bool:
        """Whether matters of this type are accepted, or not, before work on them begins."""
        return any(row.trigger == Transition.Trigger.ACCEPTED for row in self.transitions.values())

    @property
    def calendar(self) -> clocks.WorkingCalendar | None:
        return calendar_of(self.version.calendar_id)


def policy_of(row: ClockPolicy) -> clocks.Policy:
    """The pure policy a stored one stands for."""
    return clocks.Policy(
        kind=row.kind,
        basis=row.basis,
        amount=row.amount,
        starts=row.starts,
        met_by=row.met_by,
        pauses=frozenset(row.pauses),
        restarts=row.restarts,
        recurring=row.recurring,
        by_grade=tuple(sorted((int(grade), int(amount)) for grade, amount in row.by_grade.items())),
    )


@dataclass
class _Kept:
    value: Any
    until: float


_specs: dict[UUID, Spec] = {}
_kept: dict[str, _Kept] = {}


def forget() -> None:
    """Drop everything kept: after an activation in this process, and between tests."""
    _specs.clear()
    _kept.clear()


def _fresh(key: str, load: Callable[[], Any]) -> Any:
    kept = _kept.get(key)
    now = time.monotonic()
    if kept is None or kept.until < now:
        kept = _kept[key] = _Kept(load(), now + FRESH_SECONDS)
    return kept.value


def spec_of(version: CaseTypeVersion) -> Spec:
    """The spec of a version; from memory unless it is a draft."""
    if version.state == "draft":
        return Spec(version)
    spec = _specs.get(version.uid)
    if spec is None:
        spec = _specs[version.uid] = Spec(version)
    return spec


def active_spec(type_code: str) -> Spec:
    """The spec new cases of this type begin with. Raises NoActiveVersion."""
    return _fresh(f"type:{type_code}", lambda: _load_active(type_code))


def _load_active(type_code: str) -> Spec:
    versions = CaseTypeVersion.objects.filter(type__code=type_code, state="active", active_from__lte=timezone.now())
    version = versions.select_related("type", "calendar").order_by("-active_from", "-number").first()
    if version is None:
        raise NoActiveVersion(type_code)
    return spec_of(version)


def intake_rules() -> list[IntakeRule]:
    """Active intake rules in order."""
    return _fresh("intake", lambda: list(IntakeRule.objects.filter(is_active=True).select_related("type", "team")))


def calendar_of(pk: int | None) -> clocks.WorkingCalendar | None:
    """The working calendar as a pure object, or None for day-and-night counting."""
    from console.foundation.calendars import engine
    from console.foundation.models import BusinessCalendar

    if pk is None:
        return None
    return _fresh(f"calendar:{pk}", lambda: engine.load(BusinessCalendar.objects.get(pk=pk)))


def tree(dimension: str) -> dict[str, Category]:
    """The active categories of a dimension by code; empty when there is no such tree."""
    return _fresh(f"tree:{dimension}", lambda: _load_tree(dimension))


def _load_tree(dimension: str) -> dict[str, Category]:
    edition = CategoryTree.objects.filter(code=dimension, state="active").order_by("-number").first()
    return {row.code: row for row in edition.categories.filter(is_active=True)} if edition else {}


def path_label(dimension: str, path: str) -> str:
    """Where a category stands, from the root: Cards / Fees / Annual fee."""
    known = tree(dimension)
    return " / ".join(known[code].label if code in known else code for code in path.strip("/").split("/"))


def tree_edition(dimension: str) -> CategoryTree | None:
    return _fresh(
        f"edition:{dimension}",
        lambda: CategoryTree.objects.filter(code=dimension, state="active").order_by("-number").first(),
    )


def grades(scale: str) -> list[Grade]:
    """The active grades of a scale, gravest first."""
    return _fresh(f"grades:{scale}", lambda: _load_grades(scale))


def _load_grades(scale: str) -> list[Grade]:
    edition = GradeScale.objects.filter(code=scale, state="active").order_by("-number").first()
    return list(edition.grades.all()) if edition else []


def active_fields() -> list[FieldDef]:
    """The custom fields of every active version, one for each code: what conditions may filter on."""
    return _fresh("fields", _load_fields)


def _load_fields() -> list[FieldDef]:
    rows = FieldDef.objects.filter(version__state="active").order_by("version_id", "order")
    return list({row.code: row for row in rows}.values())


def active_trees() -> list[CategoryTree]:
    """The active edition of every dimension."""
    return _fresh("trees", lambda: list(CategoryTree.objects.filter(state="active").order_by("code")))
