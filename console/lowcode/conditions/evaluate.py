"""Deciding on one object in memory, with exactly the meaning the databases give the same tree."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from .context import Context
from .subject import Subject
from .tree import Group, Leaf, Node, Not, parse
from .types import Placeholder, fold


def matches(tree: Any, subject: Subject, source: Any, context: Context | None = None) -> bool:
    """Whether the object, or the mapping of facts, fulfils the tree. Raises ConditionRefused."""
    return holds(parse(tree, subject), source, context or Context())


def holds(node: Node, source: Any, context: Context) -> bool:
    """As `matches`, for a tree parsed before."""
    if isinstance(node, Group):
        return (all if node.every else any)(holds(part, source, context) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.part, source, context)
    return _test(node, source, context)


def _test(leaf: Leaf, source: Any, context: Context) -> bool:
    value = normal(leaf.field.read(source), leaf.field.type)
    if leaf.op == "empty":
        return value is None
    if value is None:
        return False
    if leaf.op == "not_empty":
        return True
    if leaf.field.type == "multi_choice":
        return _test_set(leaf, value)
    if leaf.op in ("within_last", "within_next"):
        return _near(leaf, value, context)
    if leaf.op in ("in", "not_in"):
        wanted = resolve_list(leaf.value, context)
        return bool(wanted) and (value in wanted) == (leaf.op == "in")
    if leaf.op == "between":
        low, high = (resolve(item, context) for item in leaf.value)
        return low <= value <= high
    return _compare(leaf, value, context)


def _compare(leaf: Leaf, value: Any, context: Context) -> bool:
    if leaf.value == Placeholder("@my_team"):
        return bool(context.team_ids) and (value in context.team_ids) == (leaf.op == "eq")
    wanted = resolve(leaf.value, context)
    if wanted is None:
        return False
    return _COMPARE[leaf.op](value, wanted)


_COMPARE = {
    "eq": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "contains": lambda value, wanted: fold(wanted) in fold(value),
    "starts": lambda value, wanted: fold(value).startswith(fold(wanted)),
}


def _test_set(leaf: Leaf, value: frozenset[str]) -> bool:
    wanted = {leaf.value} if leaf.op == "contains" else set(leaf.value)
    return bool(value & wanted) != (leaf.op == "not_in")


def _near(leaf: Leaf, value: Any, context: Context) -> bool:
    low, high = window(leaf, context)
    return low <= value <= high


def window(leaf: Leaf, context: Context) -> tuple[Any, Any]:
    """From and to of a within_last or within_next test."""
    now = context.now if leaf.field.type == "datetime" else context.today
    return (now - leaf.value, now) if leaf.op == "within_last" else (now, now + leaf.value)


def resolve(value: Any, context: Context) -> Any:
    """A placeholder's value now, None when it has none; anything else is itself. For @my_team see resolve_list."""
    if not isinstance(value, Placeholder):
        return value
    return {"@me": context.user_id, "@now": context.now, "@today": context.today}.get(value.name)


def resolve_list(values: tuple[Any, ...], context: Context) -> list[Any]:
    """The values of an in or not_in test; @my_team stands for each of the user's teams."""
    found: list[Any] = []
    for value in values:
        if value == Placeholder("@my_team"):
            found += context.team_ids
        elif (known := resolve(value, context)) is not None:
            found.append(known)
    return found


def normal(value: Any, type: str) -> Any:
    """A stored value in the type the tests compare; None when it is absent or not of that type."""
    if value is None or value == "" or (isinstance(value, list | tuple | set | frozenset) and not value):
        return None
    return _NORMAL[type](value)


def _as_number(value: Any) -> Decimal | None:
    return None if isinstance(value, bool) else Decimal(str(value))


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def _as_datetime(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).astimezone(UTC)


def _as_key(value: Any) -> int:
    return int(getattr(value, "pk", value))


_NORMAL = {
    "text": str,
    "long_text": str,
    "choice": str,
    "multi_choice": lambda value: frozenset([value] if isinstance(value, str) else value),
    "number": _as_number,
    "date": _as_date,
    "datetime": _as_datetime,
    "boolean": bool,
    "user": _as_key,
    "team": _as_key,
    "ref": _as_key,
    "encrypted": str,
}
