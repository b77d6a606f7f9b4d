"""Checking values against their definitions: the one door every form, API, rule and import goes through."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from console.foundation.text import clean

from ..conditions.types import BadValue, Placeholder, parse_value, to_json
from .pattern import compile_pattern
from .spec import FieldSpec

EMPTY = (None, "", [], ())


class FieldErrors(ValidationError):
    """What is wrong, by field code: `errors.by_field == {"amount": ["…"]}`."""

    def __init__(self, by_field: Mapping[str, list[str]]) -> None:
        self.by_field = dict(by_field)
        super().__init__({code: list(texts) for code, texts in by_field.items()})


def validate_values(
    definitions: Iterable[Any],
    data: Mapping[str, Any],
    state: str | None = None,
    *,
    partial: bool = False,
    roles: Iterable[str] | None = None,
) -> dict[str, Any]:
    """The values as they are stored in JSON: trimmed, typed, absent ones left out. Raises FieldErrors.

    `state` makes the fields required in that state required. `partial` checks only what is given (a given empty value
    comes back as None: "remove it"). With `roles`, fields they may not see are refused like unknown ones.
    """
    specs = {spec.code: spec for spec in map(FieldSpec.of, definitions)}
    seen = {code: spec for code, spec in specs.items() if spec.seen_by(roles)}
    errors = {str(code): [_("There is no such field.")] for code in data if code not in seen}
    cleaned: dict[str, Any] = {}
    for code, spec in seen.items():
        if partial and code not in data:
            continue
        try:
            value = _checked(spec, data.get(code))
        except BadValue as error:
            errors[code] = [str(error)]
            continue
        if value is not None:
            cleaned[code] = value
        elif spec.needed(state):
            errors[code] = [_("This field is required.")]
        elif partial:
            cleaned[code] = None
    if errors:
        raise FieldErrors(errors)
    return cleaned


def missing(definitions: Iterable[Any], data: Mapping[str, Any], state: str | None) -> list[FieldSpec]:
    """Fields the state needs that have no value yet."""
    specs = [FieldSpec.of(item) for item in definitions]
    return [spec for spec in specs if spec.needed(state) and (data or {}).get(spec.code) in EMPTY]


def _checked(spec: FieldSpec, value: Any) -> Any:
    """The stored form of one value, None when it is empty. Raises BadValue."""
    if isinstance(value, str):
        value = clean(value).strip()
    if value in EMPTY:
        return None
    return _BY_KIND[spec.kind](spec, value)


def _text(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue(_("Write some text here."))
    if spec.kind == "text" and ("\n" in value or "\r" in value):
        raise BadValue(_("This field holds one line."))
    if len(value) > spec.limit:
        raise BadValue(_("At most %(max)s characters.") % {"max": spec.limit})
    if spec.pattern and not compile_pattern(spec.pattern)(value):
        raise BadValue(_("This does not have the expected form: %(pattern)s") % {"pattern": spec.pattern})
    return value


def _choice(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str) or value not in dict(spec.options()):
        raise BadValue(_("Choose one of the list."))
    return value


def _choices(spec: FieldSpec, value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise BadValue(_("Choose from the list."))
    for item in given:
        _choice(spec, item)
    return [code for code, _label in spec.options() if code in given]


def _ranged(spec: FieldSpec, value: Any) -> Any:
    parsed = parse_value(value, spec.kind)
    if isinstance(parsed, Placeholder):
        raise BadValue(_("Write a date like 2026-11-22."))
    if spec.min_value and parsed < parse_value(spec.min_value, spec.kind):
        raise BadValue(_("At least %(min)s.") % {"min": spec.min_value})
    if spec.max_value and parsed > parse_value(spec.max_value, spec.kind):
        raise BadValue(_("At most %(max)s.") % {"max": spec.max_value})
    return to_json(parsed)


def _date(spec: FieldSpec, value: Any) -> Any:
    return _ranged(spec, value.isoformat()[:10] if hasattr(value, "isoformat") else value)


def _boolean(spec: FieldSpec, value: Any) -> bool:
    return parse_value(value, "boolean")


_BY_KIND: dict[str, Callable[[FieldSpec, Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "choice": _choice,
    "multi_choice": _choices,
    "number": _ranged,
    "date": _date,
    "boolean": _boolean,
}
