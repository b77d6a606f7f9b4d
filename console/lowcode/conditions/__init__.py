"""The one condition language: a tree of (field, operator, value) that filters rows and decides on one object.

    tree = {"all": [{"field": "grade", "op": "gte", "value": 3}, {"not": {"field": "owner", "op": "empty"}}]}

A value that is absent makes every test false but `empty`; `not` is the exact complement. The same tree means the same
on SQLite, on PostgreSQL and in memory.
"""

from .compile import to_q
from .context import Context, context_for, set_context_provider
from .evaluate import matches
from .preview import Preview, capped_count, preview
from .subject import Field, Subject, subject, subjects
from .tree import ConditionRefused, parse, validate
from .types import OPERATORS, TYPES
from .words import sentence

__all__ = [
    "OPERATORS",
    "TYPES",
    "ConditionRefused",
    "Context",
    "Field",
    "Preview",
    "Subject",
    "capped_count",
    "context_for",
    "matches",
    "parse",
    "preview",
    "sentence",
    "set_context_provider",
    "subject",
    "subjects",
    "to_q",
    "validate",
]
