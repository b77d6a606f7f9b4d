"""Editions of a case type: as plain content and back, drafted, checked without running, activated, migrated to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from console.events import emit
from console.foundation.models import BusinessCalendar
from console.lowcode import conditions
from console.lowcode.fields import FieldSpec, problems_of

from .. import config
from ..models import (
    Case,
    CaseType,
    CaseTypeVersion,
    Choice,
    ClockPolicy,
    ClosingRequirement,
    EscalationStep,
    ExtensionRule,
    FieldDef,
    Limit,
    MaterialKind,
    RedressLimit,
    State,
    StateClass,
    Transition,
)
from ..subjects import CASE
from .base import CaseError, changing, demand, record, who

PLAIN = (
    "number_prefix", "grade_scale", "default_grade", "dimensions", "reopening", "reopen_days", "reply_closes",
    "notices", "asked_as", "asked_as_en", "recusal_hides", "recheck_type", "recheck_team",
)  # fmt: skip
PARTS: dict[str, type[models.Model]] = {
    "fields": FieldDef,
    "choices": Choice,
    "states": State,
    "transitions": Transition,
    "closing": ClosingRequirement,
    "clocks": ClockPolicy,
    "extensions": ExtensionRule,
    "escalation": EscalationStep,
    "limits": Limit,
    "redress_limits": RedressLimit,
    "materials": MaterialKind,
}
LEFT_OUT = {"id", "version", "order"}


def read(version: CaseTypeVersion) -> dict[str, Any]:
    """A version's whole content as plain values; what is at its default is left out."""
    return read_many([version])[version.pk]


def read_many(versions: Sequence[CaseTypeVersion]) -> dict[int, dict[str, Any]]:
    """The content of several versions by their keys, in one query for each kind of part."""
    contents = {version.pk: _plain(version) for version in versions}
    for name, model in PARTS.items():
        for row in model.objects.filter(version__in=contents):
            contents[row.version_id].setdefault(name, []).append(_row(row))
    return contents


def active_contents(types: Sequence[CaseType]) -> dict[int, tuple[CaseTypeVersion, dict[str, Any]]]:
    """The active version of each of these types and its content, by the type's key."""
    rows = CaseTypeVersion.objects.filter(type__in=types, state="active").select_related("calendar")
    active = {version.type_id: version for version in rows.order_by("number")}
    contents = read_many(list(active.values()))
    return {key: (version, contents[version.pk]) for key, version in active.items()}


def _plain(version: CaseTypeVersion) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in PLAIN:
        value = getattr(version, name)
        if value != version._meta.get_field(name).get_default():
            content[name] = value
    if version.calendar:
        content["calendar"] = version.calendar.code
    return content


def _row(row: models.Model) -> dict[str, Any]:
    if isinstance(row, FieldDef):
        return {name: value for name, value in FieldSpec.of(row).to_json().items() if name != "order"}
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.name not in LEFT_OUT and value != field.get_default():
            found[field.name] = value.isoformat() if isinstance(value, date) else value
    return found


def write(version: CaseTypeVersion, content: dict[str, Any]) -> CaseTypeVersion:
    """Give a draft this content, replacing what it had. Raises CaseError for a calendar that does not exist."""
    code = content.get("calendar") or ""
    calendar = BusinessCalendar.objects.filter(code=code).first() if code else None
    if code and calendar is None:
        raise CaseError("unknown_calendar", _("There is no calendar %(code)s.") % {"code": code}, field="calendar")
    version.calendar = calendar
    for name in PLAIN:
        setattr(version, name, content.get(name, version._meta.get_field(name).get_default()))
    version.save()
    for name, model in PARTS.items():
        model.objects.filter(version=version).delete()
        ordered = any(field.name == "order" for field in model._meta.fields)
        rows = [
            model(version=version, **row, **({"order": place * 10} if ordered else {}))
            for place, row in enumerate(content.get(name, []), 1)
        ]
        model.objects.bulk_create(rows)
    return version


def draft_of(case_type: CaseType, actor: Any = None) -> CaseTypeVersion:
    """A new draft: a copy of the active version, or empty for a new type. An open draft is given back instead."""
    by = who(actor)
    demand(by, "case.configure")
    known = case_type.versions.filter(state="draft").first()
    if known is not None:
        return known
    latest = case_type.versions.order_by("-number").first()
    with transaction.atomic():
        draft = CaseTypeVersion(type=case_type, number=latest.number + 1 if latest else 1, author=str(by.actor))
        draft.save()
        if latest is not None:
            write(draft, read(latest))
    return draft


def problems(version: CaseTypeVersion) -> list[str]:
    """Everything that would go wrong with this version, found without running it; empty when it is sound."""
    states = list(version.states.all())
    moves = list(version.transitions.all())
    found = _state_problems(states)
    if not found:
        found += _graph_problems(states, moves)
    found += _reference_problems(version, {state.code for state in states}, moves)
    found += _clock_problems(version)
    for field in version.fields.all():
        found += problems_of(FieldSpec.of(field))
    return found


def _state_problems(states: list[State]) -> list[str]:
    found = []
    if sum(state.is_initial for state in states) != 1:
        found.append(_("Exactly one state must be the one cases begin in."))
    if not any(state.state_class == StateClass.CLOSED for state in states):
        found.append(_("A state of class closed is needed: every case must come to an end."))
    return found


def _graph_problems(states: list[State], moves: list[Transition]) -> list[str]:
    codes = {state.code for state in states}
    edges = {code: set() for code in codes}
    for move in moves:
        for source in codes if "*" in move.sources else set(move.sources) & codes:
            if move.target in codes:
                edges[source].add(move.target)
    initial = next(state.code for state in states if state.is_initial)
    closed = {state.code for state in states if state.state_class == StateClass.CLOSED}
    reached = _reach({initial}, edges)
    backwards = {code: {source for source, targets in edges.items() if code in targets} for code in codes}
    ending = _reach(closed, backwards)
    found = [_("No transition leads to the state %(state)s.") % {"state": code} for code in sorted(codes - reached)]
    stuck = sorted(codes - ending)
    return found + [_("From the state %(state)s no way leads to a closed one.") % {"state": code} for code in stuck]


def _reach(start: set[str], edges: dict[str, set[str]]) -> set[str]:
    seen, edge = set(start), list(start)
    while edge:
        for target in edges[edge.pop()] - seen:
            seen.add(target)
            edge.append(target)
    return seen


def _reference_problems(version: CaseTypeVersion, states: set[str], moves: list[Transition]) -> list[str]:
    from .workflow import BUILT_IN

    fields = {field.code for field in version.fields.all()} | set(BUILT_IN)
    fields |= {f"category:{dimension}" for dimension in version.dimensions}
    found = []
    for move in moves:
        unknown = ({*move.sources, move.target} - {"*"}) - states
        found += [_unknown(move, _("state"), code) for code in sorted(unknown)]
        found += [_unknown(move, _("field"), code) for code in sorted(set(move.requires) - fields)]
        found += _condition_problems(move.label, move.guard)
    for rule in version.closing.all():
        found += _condition_problems(rule.label, rule.applies)
        if rule.kind == ClosingRequirement.Kind.FIELD and rule.parameter not in fields:
            found.append(_unknown(rule, _("field"), rule.parameter))
        if rule.kind == ClosingRequirement.Kind.CATEGORY and rule.parameter not in version.dimensions:
            found.append(_unknown(rule, _("dimension"), rule.parameter))
    return found


def _unknown(row: Any, what: str, code: str) -> str:
    return _("%(row)s names a %(what)s that does not exist: %(code)s.") % {
        "row": row.label, "what": what, "code": code,
    }  # fmt: skip


def _condition_problems(label: str, tree: dict[str, Any]) -> list[str]:
    try:
        conditions.parse(tree, CASE)
    except conditions.ConditionRefused as refused:
        return [f"{label}: {text}" for text in refused.messages]
    return []


def _clock_problems(version: CaseTypeVersion) -> list[str]:
    policies = list(version.clock_policies.all())
    kinds = {policy.kind for policy in policies}
    found = []
    for policy in policies:
        if policy.basis == ClockPolicy.Basis.WORKING_TIME and version.calendar is None:
            found.append(_("The clock %(clock)s counts working time, so a calendar is needed.") % {"clock": policy})
        if policy.statutory and policy.pauses and not policy.pause_source:
            words = _("The clock %(clock)s is set by regulation and must not pause, unless a rule says so.")
            found.append(words % {"clock": policy})
        if policy.statutory and not (policy.source and policy.in_force_from):
            found.append(
                _("The clock %(clock)s is set by regulation: say by which, and since when.") % {"clock": policy}
            )
        longer = sum(rule.amount for rule in version.extension_rules.all() if rule.clock == policy.kind)
        if policy.max_extension and longer > policy.max_extension:
            found.append(_("The extensions of the clock %(clock)s are longer than allowed.") % {"clock": policy})
    rules = [rule for rule in version.extension_rules.all() if rule.clock not in kinds]
    return found + [_unknown(rule, _("clock"), rule.clock) for rule in rules]


def activate(
    version: CaseTypeVersion, actor: Any = None, reason: str = "", active_from: datetime | None = None
) -> CaseTypeVersion:
    """Make a draft the version new cases begin with; running cases keep theirs. Emits `case_type.activated`.

    Raises CaseError with everything `problems` finds, or without a reason.
    """
    by = who(actor)
    demand(by, "case.configure")
    if not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")
    if version.state != "draft":
        raise CaseError("not_a_draft", _("Only a draft can be activated."))
    wrong = problems(version)
    if wrong:
        raise CaseError("not_sound", " ".join(wrong))
    start = active_from or timezone.now()
    with transaction.atomic():
        before = CaseTypeVersion.objects.filter(type=version.type, state="active")
        if start <= timezone.now():
            before.update(state="retired", active_until=start)
        version.state, version.active_from, version.reason = "active", start, reason.strip()[:300]
        version.author = str(by.actor)[:150]
        version.body = read(version)
        version.save()
        emit(
            f"case_type:{version.type.code}", "case_type.activated",
            {"type": version.type.code, "number": version.number, "version_id": version.pk}, actor=by.actor,
        )  # fmt: skip
        transaction.on_commit(config.forget)
    config.forget()
    return version


def migrate_case(case: Case, version: CaseTypeVersion, actor: Any = None, states: dict[str, str] | None = None) -> Case:
    """Move a running case to another version on purpose; clocks are computed from its full history by the new rules.

    `states` maps states that the new version does not have. Emits `case.migrated`. Raises CaseError.
    """
    by = who(actor)
    demand(by, "case.configure")
    with changing(case) as row:
        if version.type_id != row.type_id or version.state == "draft":
            raise CaseError("version", _("Choose a version of the same type that is or was active."))
        spec = config.spec_of(version)
        target = (states or {}).get(row.state, row.state)
        if target not in spec.states:
            raise CaseError("unknown_state", _("The new version has no such state."), field="state")
        _carry_over(row, spec, target)
        record(row, "case.migrated", by, version=version.number, state=target)
    return case


def _carry_over(case: Case, spec: config.Spec, target: str) -> None:
    from console.lowcode.fields import sync_index

    from ..models import CaseIndex, Clock
    from . import deadlines

    changes = spec.states[target].state_class != case.state_class
    case.version = spec.version
    if changes or target != case.state:
        deadlines.enter(case, spec, target, timezone.now(), "migrated")
    sync_index(CaseIndex, case, spec.fields, case.data)
    Clock.objects.filter(case=case).delete()
    deadlines.refresh(case, spec)
