"""What conditions may say about a case, and about a message that may become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.lowcode import conditions
from console.lowcode import fields as lowcode_fields
from console.lowcode.conditions import Context, Field

from .models import (
    AcceptanceState,
    Case,
    CaseCategory,
    CaseIndex,
    CaseType,
    CategoryIndex,
    ClockKind,
    RepeatReason,
    StateClass,
    ToldState,
    TurnOf,
)

CASE = conditions.subject("case", Case, _("Case"))
MESSAGE = conditions.subject("incoming_message", None, _("Incoming message"))


def holds(tree: Mapping[str, Any], case: Case, context: Context | None = None) -> bool:
    """Whether a condition holds for one case, custom fields included."""
    return conditions.matches(tree, CASE, case, context)


def holds_message(tree: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds for an incoming message, given as facts."""
    return conditions.matches(tree, MESSAGE, facts)


def _types() -> list[tuple[str, Any]]:
    return [(row.code, row.label) for row in CaseType.objects.all()]


def register() -> None:
    """Every column of a case people may filter on. Called from AppConfig.ready(); reads no database."""
    columns = [
        ("number", "text", "number", _("Number")),
        ("subject", "text", "subject", pgettext_lazy("case", "Subject")),
        ("state", "text", "state", _("State")),
        ("is_open", "boolean", "is_open", _("Not ended yet")),
        ("breached", "boolean", "breached", _("A deadline was missed")),
        ("grade", "number", "grade", _("Grade")),
        ("owner", "user", "owner_id", _("Owner")),
        ("team", "team", "team_id", _("Team")),
        ("site", "ref", "site_id", _("Site")),
        ("customer", "ref", "customer_id", _("Customer")),
        ("account", "ref", "account_id", _("Channel account")),
        ("channel", "text", "account__channel_kind", _("Channel")),
        ("language", "text", "language", _("Language")),
        ("outcome", "text", "outcome", _("Outcome")),
        ("root_cause", "text", "root_cause", _("Root cause")),
        ("set_aside", "text", "set_aside", _("Set aside as")),
        ("reopened", "number", "reopened", _("Times reopened")),
        ("next_due_at", "datetime", "next_due_at", _("Next deadline")),
        ("reached_at", "datetime", "reached_at", _("Reached the bank")),
        ("opened_at", "datetime", "opened_at", _("Opened")),
        ("resolved_at", "datetime", "resolved_at", _("Resolved")),
        ("closed_at", "datetime", "closed_at", _("Closed")),
        ("last_inbound_at", "datetime", "last_inbound_at", _("Last word of the customer")),
    ]
    for name, kind, column, label in columns:
        CASE.register_field(name, kind, column=column, label=label)
    choices = [
        ("state_class", "state_class", StateClass.choices, _("State class")),
        ("turn", "turn", TurnOf.choices, _("Whose turn")),
        ("told", "told", ToldState.choices, _("Customer told")),
        ("acceptance", "acceptance", AcceptanceState.choices[1:], pgettext_lazy("complaint", "Accepted")),
        ("repeat_reason", "repeat_reason", RepeatReason.choices, _("Came again because")),
        ("next_clock", "next_clock", ClockKind.choices, _("Next clock")),
    ]
    for name, column, options, label in choices:
        CASE.register_field(name, "choice", column=column, label=label, choices=options)
    CASE.register_field("type", "choice", column="type__code", label=_("Case type"), choices=_types)
    CASE.register_provider(custom_fields)
    for name, kind, label in (
        ("subject", "text", _("Subject")),
        ("text", "long_text", _("Text")),
        ("language", "text", _("Language")),
        ("channel", "text", _("Channel")),
        ("account", "ref", _("Channel account")),
        ("customer_tier", "text", _("Customer tier")),
        ("case_type", "text", _("Type the customer chose")),
    ):
        MESSAGE.register_field(name, kind, column=name, label=label)


def custom_fields() -> Iterable[Field]:
    """Fields that are rows: every active version's custom fields, and one for each category dimension."""
    from . import config

    yield from lowcode_fields.condition_fields(config.active_fields(), CaseIndex)
    for tree in config.active_trees():
        options = tuple((row.code, row.label) for row in config.tree(tree.code).values())
        yield Field(
            f"category.{tree.code}",
            "multi_choice",
            tree.label,
            index=CategoryIndex,
            key=f"category.{tree.code}",
            choices=options,
            value=_reader(tree.code),
        )


def _reader(dimension: str) -> Callable[[Case], list[str] | None]:
    """A case stands in its category and in every branch above it."""

    def read(case: Case) -> list[str] | None:
        path = CaseCategory.objects.filter(case=case, dimension=dimension).values_list("path", flat=True).first()
        return branches(path) if path else None

    return read


def branches(path: str) -> list[str]:
    """The codes along a category's path, from the root."""
    return path.strip("/").split("/")
