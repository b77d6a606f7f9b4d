"""From a tree to a filter over columns and typed index rows.

Every test compiles to an expression that is never NULL: it first asks that the value is there. `not` is pushed down to
the tests (De Morgan), so an index on a column still serves the tests that are not negated.
"""

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import CharField, DecimalField, Exists, Func, OuterRef, Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan

from .context import Context
from .evaluate import resolve, resolve_list, window
from .subject import Field, Subject
from .tree import Group, Leaf, Node, Not, parse
from .types import DECIMALS, DIGITS, Placeholder, fold

ALWAYS = Q()
NEVER = Q(pk__in=[])
NUMBER = DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)
TEXTS = ("text", "long_text", "choice", "encrypted")
INDEX_COLUMN = {
    "text": "text",
    "choice": "text",
    "multi_choice": "text",
    "number": "number",
    "boolean": "number",
    "date": "date",
    "user": "ref",
    "team": "ref",
    "ref": "ref",
}


class AsciiLower(Func):
    """Makes ASCII capitals small and touches nothing else, on both databases."""

    function = "LOWER"
    output_field = CharField()

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s) COLLATE "C")', **context)


def to_q(tree: Any, subject: Subject, context: Context | None = None) -> Q:
    """The filter of a tree, for querysets of the subject's model. Raises ConditionRefused."""
    return compile_node(parse(tree, subject, for_query=True), context or Context())


def compile_node(node: Node, context: Context, negated: bool = False) -> Q:
    """As `to_q`, for a tree parsed before."""
    if isinstance(node, Not):
        return compile_node(node.part, context, not negated)
    if isinstance(node, Group):
        parts = [compile_node(part, context, negated) for part in node.parts]
        if not parts:
            return NEVER if negated else ALWAYS
        return reduce(and_ if node.every != negated else or_, (_solid(part) for part in parts))
    test = _leaf(node, context)
    if negated:
        return ALWAYS if test is NEVER else ~test
    return test


def _solid(test: Q) -> Q:
    """`Q()` vanishes inside an "or"; what is always true must stay true there."""
    return test if test else Q(pk__isnull=False)


def _leaf(leaf: Leaf, context: Context) -> Q:
    if leaf.field.index is not None:
        return _indexed(leaf, context)
    there = _there(leaf.field.column, leaf.field.type)
    if leaf.op == "not_empty":
        return there
    if leaf.op == "empty":
        return ~there
    test = _test(leaf.field.column, leaf, context)
    return test if test is NEVER else there & test


def _there(column: str, type: str) -> Q:
    there = Q(**{f"{column}__isnull": False})
    return there & ~Q(**{column: ""}) if type in TEXTS else there


def _indexed(leaf: Leaf, context: Context) -> Q:
    field = leaf.field
    rows = field.index._default_manager.filter(**{field.index.OWNER: OuterRef("pk"), "field": field.key})
    column = INDEX_COLUMN[field.type]
    if leaf.op in ("empty", "not_empty"):
        return Q(Exists(rows)) if leaf.op == "not_empty" else ~Q(Exists(rows))
    if field.type == "multi_choice":
        wanted = [leaf.value] if leaf.op == "contains" else list(leaf.value)
        hit = Q(Exists(rows.filter(**{f"{column}__in": wanted})))
        return Q(Exists(rows)) & ~hit if leaf.op == "not_in" else hit
    test = _test(column, leaf, context)
    return test if test is NEVER else Q(Exists(rows.filter(test)))


def _test(column: str, leaf: Leaf, context: Context) -> Q:
    op, value = leaf.op, leaf.value
    if op in ("within_last", "within_next"):
        return _range(column, *window(leaf, context))
    if op == "between":
        return _range(column, *(_stored(leaf.field, resolve(item, context)) for item in value))
    if op in ("in", "not_in") or value == Placeholder("@my_team"):
        wanted = resolve_list(value if isinstance(value, tuple) else (value,), context)
        return _one_of(column, [_stored(leaf.field, item) for item in wanted], op in ("in", "eq"))
    value = resolve(value, context)
    if value is None:
        return NEVER
    return _compare(column, op, _stored(leaf.field, value))


def _range(column: str, low: Any, high: Any) -> Q:
    return Q(**{f"{column}__gte": low, f"{column}__lte": high})


def _one_of(column: str, values: list[Any], inside: bool) -> Q:
    if not values:
        return NEVER
    test = Q(**{f"{column}__in": values})
    return test if inside else ~test


def _compare(column: str, op: str, value: Any) -> Q:
    if op == "eq":
        return Q(**{column: value})
    if op == "ne":
        return ~Q(**{column: value})
    if op == "contains":
        return Q(GreaterThan(_position(column, value), 0))
    if op == "starts":
        return Q(Exact(_position(column, value), 1))
    return Q(**{f"{column}__{op}": value})


def _position(column: str, value: str) -> StrIndex:
    return StrIndex(AsciiLower(column), Value(fold(value)))


def _stored(field: Field, value: Any) -> Any:
    """The value as it is compared: index rows keep yes and no as 1 and 0, and no column may round a fraction."""
    if field.index is not None and field.type == "boolean":
        return int(value)
    if field.type == "number":
        # An integer column would cut 0.1 to 0 and then find zeros; a whole number is kept plain for its index.
        return int(value) if value == value.to_integral_value() else Value(value, output_field=NUMBER)
    return value
