"""A set of fields as JSON Schema, for the API's description of a case type."""

from collections.abc import Iterable
from typing import Any

from .spec import FieldSpec

_TYPE = {
    "text": "string",
    "long_text": "string",
    "choice": "string",
    "multi_choice": "array",
    "number": "number",
    "date": "string",
    "boolean": "boolean",
}


def json_schema(definitions: Iterable[Any], state: str | None = None) -> dict[str, Any]:
    """Draft 2020-12: properties in order, `required` for the state, unknown properties refused."""
    specs = sorted(map(FieldSpec.of, definitions), key=lambda spec: (spec.order, spec.code))
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {spec.code: _property(spec) for spec in specs},
        "required": [spec.code for spec in specs if spec.needed(state)],
    }


def _property(spec: FieldSpec) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _TYPE[spec.kind], "title": spec.label}
    if spec.help:
        schema["description"] = spec.help
    if spec.kind == "multi_choice":
        schema |= {"items": {"type": "string", "enum": [code for code, _ in spec.options()]}, "uniqueItems": True}
    elif spec.kind == "choice":
        schema["enum"] = [code for code, _ in spec.options()]
    elif spec.kind == "date":
        schema["format"] = "date"
    elif spec.kind in ("text", "long_text"):
        schema["maxLength"] = spec.limit
    elif spec.kind == "number":
        schema |= {
            name: float(value) for name, value in (("minimum", spec.min_value), ("maximum", spec.max_value)) if value
        }
    if spec.default is not None:
        schema["default"] = spec.default
    return schema
