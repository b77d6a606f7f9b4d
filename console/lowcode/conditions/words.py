"""A tree as a sentence in the reader's language."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .subject import Field, Subject
from .tree import Leaf, Node, Not, parse
from .types import Placeholder, to_json

OPERATOR_WORDS = {
    "eq": gettext_lazy("is"),
    "ne": gettext_lazy("is not"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("contains"),
    "starts": gettext_lazy("starts with"),
    "gt": gettext_lazy("is more than"),
    "gte": gettext_lazy("is at least"),
    "lt": gettext_lazy("is less than"),
    "lte": gettext_lazy("is at most"),
    "between": gettext_lazy("is between"),
    "empty": gettext_lazy("is empty"),
    "not_empty": gettext_lazy("is filled in"),
    "within_last": gettext_lazy("was within the last"),
    "within_next": gettext_lazy("is within the next"),
}
TIME_WORDS = {
    "gt": gettext_lazy("is after"),
    "gte": gettext_lazy("is not before"),
    "lt": gettext_lazy("is before"),
    "lte": gettext_lazy("is not after"),
}
PLACEHOLDER_WORDS = {
    "@me": gettext_lazy("me"),
    "@my_team": gettext_lazy("my team"),
    "@now": gettext_lazy("now"),
    "@today": gettext_lazy("today"),
}


def sentence(tree: Any, subject: Subject, language: str | None = None) -> str:
    """What the tree says, in `language` or the active one. Raises ConditionRefused."""
    if language:
        with translation.override(language):
            return describe(parse(tree, subject))
    return describe(parse(tree, subject))


def describe(node: Node, inner: bool = False) -> str:
    """As `sentence`, for a tree parsed before and in the active language."""
    if isinstance(node, Not):
        return _("not (%(test)s)") % {"test": describe(node.part)}
    if isinstance(node, Leaf):
        return _leaf(node)
    if not node.parts:
        return _("everything")
    glue = _(" and ") if node.every else _(" or ")
    text = glue.join(describe(part, inner=True) for part in node.parts)
    return _("(%(test)s)") % {"test": text} if inner and len(node.parts) > 1 else text


def operator_word(op: str, type: str) -> str:
    words = TIME_WORDS if type in ("date", "datetime") else {}
    return str(words.get(op) or OPERATOR_WORDS[op])


def _leaf(leaf: Leaf) -> str:
    words = {"field": str(leaf.field.label), "operator": operator_word(leaf.op, leaf.field.type)}
    if leaf.op in ("empty", "not_empty"):
        return _("%(field)s %(operator)s") % words
    if leaf.op == "eq" and isinstance(leaf.value, bool):
        return _("%(field)s: %(value)s") % {"field": words["field"], "value": _value(leaf)}
    return _("%(field)s %(operator)s %(value)s") % (words | {"value": _value(leaf)})


def _value(leaf: Leaf) -> str:
    if isinstance(leaf.value, timedelta):
        return duration_words(leaf.value)
    if leaf.op == "between":
        low, high = (_one(leaf.field, item) for item in leaf.value)
        return _("%(low)s and %(high)s") % {"low": low, "high": high}
    if isinstance(leaf.value, tuple):
        return _(", ").join(_one(leaf.field, item) for item in leaf.value)
    return _one(leaf.field, leaf.value)


def _one(field: Field, value: Any) -> str:
    if isinstance(value, Placeholder):
        return str(PLACEHOLDER_WORDS[value.name])
    if field.type == "encrypted":
        return "***"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "Y-m-d H:i")
    label = dict(field.options()).get(str(value)) if field.choices else None
    if label is not None:
        return str(label)
    return _("“%(text)s”") % {"text": value} if isinstance(value, str) else str(to_json(value))


def duration_words(value: timedelta) -> str:
    """A duration in its largest whole unit."""
    minutes = int(value.total_seconds() // 60)
    if minutes % 1440 == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
