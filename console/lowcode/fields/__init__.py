"""Custom fields as data: definitions, checking, forms, index rows."""

from ..models.fields import FieldDefinition, IndexRow
from .forms import build_form
from .index import condition_fields, sync_index
from .pattern import BadPattern, compile_pattern
from .schema import json_schema
from .spec import KINDS, FieldSpec, problems_of
from .validate import FieldErrors, missing, validate_values

__all__ = [
    "KINDS",
    "BadPattern",
    "FieldDefinition",
    "FieldErrors",
    "FieldSpec",
    "IndexRow",
    "build_form",
    "compile_pattern",
    "condition_fields",
    "json_schema",
    "missing",
    "problems_of",
    "sync_index",
    "validate_values",
]
