"""What the condition builder shows: a tree, finished or not, as groups and rows of inputs."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .conditions import OPERATORS, ConditionRefused, Context, Field, Subject, preview, validate
from .conditions.tree import MAX_DEPTH
from .conditions.types import PLACEHOLDERS, WITH_DURATION, WITH_LIST, WITHOUT_VALUE
from .conditions.words import PLACEHOLDER_WORDS, operator_word, sentence

CHOOSABLE = ("choice", "multi_choice", "user", "team", "ref")
HINTS = {"date": "2026-11-22", "datetime": "2026-11-22 14:05", "number": "3"}


@dataclass
class Row:
    """A test: which field, which operator, which inputs."""

    path: str
    negated: bool
    field: Field | None
    name: str
    op: str
    ops: list[tuple[str, str]]
    read: str = "text"
    values: list[Any] = field(default_factory=list)
    options: list[tuple[str, Any]] = field(default_factory=list)
    hint: str = ""
    kind: str = "test"


@dataclass
class Block:
    """A group: all or any of its parts."""

    path: str
    negated: bool
    mode: str
    parts: list[Any]
    depth: int
    kind: str = "group"

    @property
    def may_nest(self) -> bool:
        return self.depth < MAX_DEPTH - 2


def read_tree(text: str) -> Any:
    """The tree in a text area; None when it is not JSON."""
    try:
        return json.loads(text) if text.strip() else {"all": []}
    except ValueError:
        return None


def blocks(tree: Any, subject: Subject) -> Block:
    """The tree as a group, whatever state it is in; what cannot be shown as rows is left out."""
    fields = subject.fields()
    shown = _part(tree or {"all": []}, fields, "", 0, False)
    return shown if isinstance(shown, Block) else Block("", False, "all", [shown] if shown else [], 0)


def _part(tree: Any, fields: dict[str, Field], path: str, depth: int, negated: bool) -> Any:
    if not isinstance(tree, dict) or depth > MAX_DEPTH:
        return None
    if "not" in tree:
        return _part(tree["not"], fields, path, depth, not negated)
    for mode in ("all", "any"):
        if isinstance(tree.get(mode), list):
            found = [
                _part(item, fields, f"{path}.{number}".strip("."), depth + 1, False)
                for number, item in enumerate(tree[mode])
            ]
            return Block(path, negated, mode, [part for part in found if part], depth)
    return _row(tree, fields, path, negated) if "field" in tree else None


def _row(tree: dict[str, Any], fields: dict[str, Field], path: str, negated: bool) -> Row:
    name = str(tree["field"])
    about = fields.get(name)
    allowed = OPERATORS[about.type] if about else ()
    op = tree.get("op") if tree.get("op") in allowed else (allowed[0] if allowed else "")
    ops = [(item, operator_word(item, about.type)) for item in allowed] if about else []
    row = Row(path, negated, about, name, op, ops)
    if about:
        _inputs(row, about, op, tree.get("value"))
    return row


def _inputs(row: Row, about: Field, op: str, value: Any) -> None:
    marks = [(mark, PLACEHOLDER_WORDS[mark]) for mark in PLACEHOLDERS.get(about.type, ())]
    row.options = (about.options() + marks) if about.type in CHOOSABLE else []
    row.hint = ", ".join([HINTS.get(about.type, ""), *(mark for mark, _word in marks)]).strip(", ")
    if op in WITHOUT_VALUE:
        row.read = "none"
    elif op in WITH_DURATION:
        row.read, row.hint, row.values, row.options = "text", "30m, 2h, 7d, 4w", [value or ""], []
    elif op == "between":
        pair = value if isinstance(value, list) else []
        row.read, row.values = "pair", [*pair, "", ""][:2]
    elif op in WITH_LIST:
        row.read, row.values = "list", [str(item) for item in value] if isinstance(value, list) else []
    elif about.type == "boolean":
        row.read, row.options = "bool", [("true", _("yes")), ("false", _("no"))]
        row.values = ["true" if value is True else "false"]
    else:
        row.values = ["" if value is None or isinstance(value, list | dict) else str(value)]


def spoken(tree: Any, subject: Subject, queryset: Any = None, context: Context | None = None) -> dict[str, Any]:
    """The sentence and the preview of a tree, or what is wrong with it."""
    try:
        normal = validate(tree, subject)
        found = preview(normal, subject, queryset, context) if subject.model is not None else None
        return {"sentence": sentence(normal, subject), "preview": found, "problems": []}
    except ConditionRefused as refused:
        return {"sentence": "", "preview": None, "problems": [text for _place, text in refused.problems]}
