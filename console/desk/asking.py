"""A view's condition as rows of a form: what may be asked, the tree as rows, and the rows read back into a tree."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from console.cases import queries
from console.cases.models import Choice, MessageMark, State
from console.cases.subjects import CASE
from console.channels.models import ChannelAccount
from console.lowcode import builder
from console.lowcode.conditions import ConditionRefused, Field, Subject, context_for, sentence, validate
from console.lowcode.conditions.types import WITH_LIST, WITHOUT_VALUE
from console.lowcode.widgets import fields_of
from console.staff.models import Site, Team

from . import people
from .present.people import CHANNELS, named

# A customer is found by the search, not chosen from a list.
NOT_ASKED = ("customer",)
MOST_ROWS = 12
FIRST = {"field": "state_class", "op": "eq", "value": "new"}


class Catalogue:
    """What one person may ask of cases: every field of the condition language, with their own lists to choose from."""

    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def subject(self) -> Subject:
        """The cases' subject, its columns that hold codes and keys offered as lists."""
        known = CASE.fields()
        lists = {
            "owner": self._colleagues,
            "team": lambda: [(row.pk, row.label) for row in Team.objects.visible_to(self.user)],
            "site": lambda: [(row.pk, row.label) for row in Site.objects.visible_to(self.user)],
            "account": lambda: [
                (row.pk, row.name) for row in ChannelAccount.objects.visible_to(self.user, "case.view")
            ],
            "state": lambda: labelled(State.objects.filter(version__state="active")),
            "outcome": lambda: labelled(Choice.objects.filter(version__state="active", kind="outcome")),
            "root_cause": lambda: labelled(Choice.objects.filter(version__state="active", kind="root_cause")),
            "channel": lambda: [(kind, label) for kind, (_icon, label) in CHANNELS.items()],
            "set_aside": lambda: MessageMark.Kind.choices,
        }
        better = []
        for name, rows in lists.items():
            kind = "choice" if known[name].type == "text" else known[name].type
            better.append(replace(known[name], type=kind, choices=cache(rows)))
        return CASE.extended(better)

    def _colleagues(self) -> list[tuple[int, str]]:
        return [(person.pk, person.label) for person in people.colleagues(self.user)]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """(name, label) of everything that can be asked."""
        return [(name, label) for name, label in fields_of(self.subject) if name not in NOT_ASKED]

    def spoken(self, tree: dict) -> dict[str, Any]:
        """The condition in words with "matches 132 of the last 1,000", or what is wrong with it."""
        return builder.spoken(tree, self.subject, queries.listed(self.user), context_for(self.user))


def labelled(rows: Iterable[Any]) -> list[tuple[str, str]]:
    return list({row.code: named(row) for row in rows.order_by("version_id", "order", "id")}.items())


@dataclass
class Part:
    """One line of the form: a test to fill in, or a finer condition that stays as it is, in words."""

    number: int
    test: builder.Row | None = None
    words: str = ""
    kept: str = ""
    options: list[tuple[str, Any]] = field(default_factory=list)


@dataclass
class Asked:
    """The whole form: all of these or any of these."""

    mode: str
    parts: list[Part]

    @property
    def full(self) -> bool:
        return len(self.parts) >= MOST_ROWS


def as_rows(tree: dict, catalogue: Catalogue) -> Asked:
    """A tree as lines; what one line cannot hold (groups, "not") is kept whole."""
    mode = next((mode for mode in ("all", "any") if isinstance(tree.get(mode), list)), "")
    parts = tree[mode] if mode else [tree] if tree else []
    return Asked(mode or "all", [_part(number, part, catalogue) for number, part in enumerate(parts)])


def _part(number: int, tree: Any, catalogue: Catalogue) -> Part:
    about = catalogue.subject
    row = builder.blocks({"all": [tree]}, about).parts
    test = row[0] if row and row[0].kind == "test" and not row[0].negated else None
    if test is None or test.field is None or test.op != tree.get("op") or test.name in NOT_ASKED:
        return Part(number, words=in_words(tree, about), kept=json.dumps(tree))
    strangers = [value for value in test.values if value and value not in {str(code) for code, _label in test.options}]
    # Somebody or something that is not on this person's list stays chosen.
    options = [*((str(code), label) for code, label in test.options), *((value, value) for value in strangers)]
    return Part(number, test=test, options=options if test.options else [])


def in_words(tree: Any, about: Subject) -> str:
    for subject in (about, CASE):
        try:
            return sentence(tree, subject)
        except ConditionRefused:
            continue
    return _("A condition that is not valid any more")


def read(data: QueryDict, catalogue: Catalogue) -> dict[str, Any]:
    """The tree that the form's lines say, whether it is finished or not."""
    fields = catalogue.subject.fields()
    parts = []
    for number in data.getlist("row")[:MOST_ROWS]:
        if data.get("do") == f"drop-{number}":
            continue
        part = _kept(data[f"kept-{number}"]) if f"kept-{number}" in data else _test(data, number, fields)
        if part:
            parts.append(part)
    if data.get("do") == "add" and len(parts) < MOST_ROWS:
        parts.append(dict(FIRST))
    return {"any" if data.get("mode") == "any" else "all": parts}


def _kept(text: str) -> Any:
    try:
        tree = json.loads(text[:20_000])
        return validate(tree, CASE)
    except (ValueError, ConditionRefused):
        return None


def _test(data: QueryDict, number: str, fields: dict[str, Field]) -> dict[str, Any]:
    name, op = data.get(f"field-{number}", ""), data.get(f"op-{number}", "")
    values = [value.strip() for value in data.getlist(f"value-{number}")]
    test: dict[str, Any] = {"field": name, "op": op}
    about = fields.get(name)
    if op in WITHOUT_VALUE:
        return test
    if op in WITH_LIST:
        typed = values[0].replace("，", ",").replace("、", ",").split(",") if len(values) == 1 else values
        return {**test, "value": [value.strip() for value in typed if value.strip()]}
    if op == "between":
        return {**test, "value": values}
    value: Any = values[0] if values else ""
    if about is not None and about.type == "boolean":
        value = value != "false"
    return {**test, "value": value}
