"""From JSON to a checked tree. Everything wrong is found here, once, with the place where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from console.foundation.crypto import keyed_hash

from .subject import Field, Subject
from .types import (
    HASHED,
    MAX_LIST,
    OPERATORS,
    WITH_DURATION,
    WITH_LIST,
    WITHOUT_VALUE,
    BadValue,
    Placeholder,
    parse_duration,
    parse_value,
    to_json,
)

MAX_DEPTH = 6
MAX_LEAVES = 60


class ConditionRefused(ValidationError):
    """The tree is not valid; `problems` lists (place, sentence)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__([f"{place}: {text}" if place else text for place, text in problems])


@dataclass(frozen=True)
class Leaf:
    field: Field
    op: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """`all` of the parts, or any of them. `all` of nothing is true."""

    every: bool
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Not:
    part: "Node"


Node = Leaf | Group | Not
Found = list[tuple[str, str]]


def parse(tree: Any, subject: Subject, *, for_query: bool = False) -> Node:
    """The checked tree. `{}` and None mean "everything". Raises ConditionRefused with every problem found."""
    reader = _Reader(subject.fields(), for_query)
    node = reader.node(tree if tree else {"all": []}, "", 1)
    if reader.leaves > MAX_LEAVES:
        reader.problems.append(("", _("At most %(max)s tests in one condition.") % {"max": MAX_LEAVES}))
    if reader.problems or node is None:
        raise ConditionRefused(reader.problems)
    return node


def validate(tree: Any, subject: Subject, *, for_query: bool = True) -> dict[str, Any]:
    """The tree in its normal written form, fit to store: values of encrypted fields are replaced by their hash.

    `for_query` refuses fields that only decide in memory. Raises ConditionRefused.
    """
    return written(parse(tree, subject, for_query=for_query))


def written(node: Node) -> dict[str, Any]:
    """A checked tree back as JSON."""
    if isinstance(node, Group):
        return {"all" if node.every else "any": [written(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": written(node.part)}
    leaf: dict[str, Any] = {"field": node.field.name, "op": node.op}
    if node.op in WITH_DURATION:
        return leaf | {"value": _duration_text(node.value)}
    if isinstance(node.value, tuple):
        return leaf | {"value": [_value_text(node.field, item) for item in node.value]}
    return leaf if node.op in WITHOUT_VALUE else leaf | {"value": _value_text(node.field, node.value)}


def _value_text(field: Field, value: Any) -> Any:
    return HASHED + value if field.type == "encrypted" else to_json(value)


def _duration_text(value: timedelta) -> str:
    minutes = int(value.total_seconds() // 60)
    for unit, size in (("w", 10080), ("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def leaves(node: Node) -> Iterator[Leaf]:
    """Every test in the tree."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts if isinstance(node, Group) else (node.part,):
            yield from leaves(part)


class _Reader:
    def __init__(self, fields: dict[str, Field], for_query: bool) -> None:
        self.fields, self.for_query = fields, for_query
        self.problems: Found = []
        self.leaves = 0

    def wrong(self, place: str, text: str) -> None:
        self.problems.append((place, text))

    def node(self, tree: Any, place: str, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            return self.wrong(place, _("Groups are nested deeper than %(max)s levels.") % {"max": MAX_DEPTH})
        if not isinstance(tree, dict):
            return self.wrong(place, _("A condition is a group or a test, not a bare value."))
        kind = next(iter(tree), "")
        if len(tree) == 1 and kind in ("all", "any"):
            return self.group(kind, tree[kind], f"{place}/{kind}", depth)
        if len(tree) == 1 and kind == "not":
            part = self.node(tree["not"], f"{place}/not", depth + 1)
            return Not(part) if part is not None else None
        if "field" in tree and set(tree) <= {"field", "op", "value"}:
            return self.leaf(tree, place)
        return self.wrong(place, _("Write all, any, not, or a test with field, op and value."))

    def group(self, kind: str, parts: Any, place: str, depth: int) -> Node | None:
        if not isinstance(parts, list):
            return self.wrong(place, _("A group holds a list."))
        if kind == "any" and not parts:
            return self.wrong(place, _("“Any of nothing” would never be true: add a test or remove the group."))
        if self.leaves > MAX_LEAVES:
            return None
        found = [self.node(part, f"{place}/{number}", depth + 1) for number, part in enumerate(parts)]
        return Group(kind == "all", tuple(node for node in found if node is not None))

    def leaf(self, tree: dict[str, Any], place: str) -> Node | None:
        self.leaves += 1
        name, op = tree["field"], tree.get("op")
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            return self.wrong(place, _("There is no field %(field)s.") % {"field": name})
        if op not in OPERATORS[field.type]:
            words = {"op": op, "field": field.label, "allowed": ", ".join(OPERATORS[field.type])}
            return self.wrong(place, _("%(op)s cannot be used on %(field)s; allowed: %(allowed)s.") % words)
        if self.for_query and not field.queryable:
            return self.wrong(
                place, _("%(field)s is only known for one object at a time, not in lists.") % {"field": field.label}
            )
        try:
            return Leaf(field, op, self.value(field, op, tree))
        except BadValue as error:
            return self.wrong(place, str(error))

    def value(self, field: Field, op: str, tree: dict[str, Any]) -> Any:
        if op in WITHOUT_VALUE:
            if tree.get("value") not in (None, ""):
                raise BadValue(_("This test takes no value."))
            return None
        if "value" not in tree:
            raise BadValue(_("This test needs a value."))
        value = tree["value"]
        if op in WITH_DURATION:
            return parse_duration(value, field.type)
        if op in WITH_LIST or op == "between":
            return self.many(field, op, value)
        return self.one(field, value)

    def many(self, field: Field, op: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            raise BadValue(_("Give a list of values."))
        if len(value) > MAX_LIST:
            raise BadValue(_("At most %(max)s values in a list.") % {"max": MAX_LIST})
        values = tuple(self.one(field, item) for item in value)
        if op == "between":
            if len(values) != 2:
                raise BadValue(_("Give two values: from and to."))
            if not any(isinstance(item, Placeholder) for item in values) and values[0] > values[1]:
                raise BadValue(_("The first value is larger than the second."))
        return values

    def one(self, field: Field, value: Any) -> Any:
        if field.type == "encrypted":
            return _hashed(field, value)
        parsed = parse_value(value, field.type)
        if field.type in ("choice", "multi_choice"):
            codes = [code for code, _label in field.options()]
            if codes and parsed not in codes:
                raise BadValue(_("%(value)s is not one of the choices.") % {"value": value})
        return parsed


def _hashed(field: Field, value: Any) -> str:
    text = parse_value(value, "encrypted")
    if text.startswith(HASHED) and len(text) == len(HASHED) + 64:
        return text.removeprefix(HASHED)
    return keyed_hash(field.normalise(text) if field.normalise else text, field.purpose)
