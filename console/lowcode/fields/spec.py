"""A field definition as a plain value: the same from a row, from a blueprint, from a version's body."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..conditions.types import BadValue, parse_value
from .pattern import BadPattern, compile_pattern

KINDS = ("text", "long_text", "choice", "multi_choice", "number", "date", "boolean")
TEXT_LIMIT = {"text": 500, "long_text": 20_000}
WITH_CHOICES = ("choice", "multi_choice")
WITH_RANGE = ("number", "date")


@dataclass(frozen=True)
class FieldSpec:
    """One custom field."""

    code: str
    kind: str = "text"
    label_zh: str = ""
    label_en: str = ""
    help_zh: str = ""
    help_en: str = ""
    required: bool = False
    required_in: tuple[str, ...] = ()
    choices: tuple[Mapping[str, Any], ...] = ()
    min_value: str = ""
    max_value: str = ""
    max_length: int | None = None
    pattern: str = ""
    default: Any = None
    order: int = 0
    visible_to: tuple[str, ...] = ()
    filterable: bool = field(default=False)
    asked: bool = field(default=False)

    @classmethod
    def of(cls, source: Any) -> "FieldSpec":
        """From a row, a mapping or another spec. Unknown keys of a mapping are ignored; check with `problems_of`."""
        if isinstance(source, cls):
            return source
        read = source.get if isinstance(source, Mapping) else lambda name, default: getattr(source, name, default)
        values = {item.name: read(item.name, item.default) for item in fields(cls) if item.name != "code"}
        for name in ("required_in", "choices", "visible_to"):
            values[name] = tuple(values[name] or ())
        for name in ("min_value", "max_value"):
            values[name] = "" if values[name] is None else str(values[name])
        return cls(code=read("code", ""), **values)

    def to_json(self) -> dict[str, Any]:
        """Only what differs from the defaults: short in a blueprint, stable in a diff."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        defaults = {item.name: [] if item.default == () else item.default for item in fields(self)}
        return {name: value for name, value in plain.items() if name == "code" or value != defaults[name]}

    @property
    def label(self) -> str:
        return self._in_language(self.label_zh, self.label_en) or self.code

    @property
    def help(self) -> str:
        return self._in_language(self.help_zh, self.help_en)

    @staticmethod
    def _in_language(zh: str, en: str) -> str:
        first, second = (zh, en) if (get_language() or "").startswith("zh") else (en, zh)
        return first or second

    def options(self) -> list[tuple[str, str]]:
        """(code, label in the reader's language) of each choice."""
        return [
            (str(item["code"]), self._in_language(item.get("zh", ""), item.get("en", "")) or str(item["code"]))
            for item in self.choices
        ]

    def needed(self, state: str | None) -> bool:
        return self.required or (state is not None and state in self.required_in)

    def seen_by(self, roles: Any) -> bool:
        return not self.visible_to or roles is None or bool(set(self.visible_to) & set(roles))

    @property
    def limit(self) -> int:
        most = TEXT_LIMIT.get(self.kind, 0)
        return min(self.max_length or most, most)


def problems_of(spec: FieldSpec) -> list[str]:
    """Everything wrong with a definition, in the reader's language; empty when it is sound."""
    found = []
    if not spec.code or not spec.code.isascii() or not spec.code.replace("_", "a").replace("-", "a").isalnum():
        found.append(_("A field needs a code of letters, digits, - and _."))
    if spec.kind not in KINDS:
        return [*found, _("%(kind)s is no kind of field.") % {"kind": spec.kind}]
    if not spec.label_zh or not spec.label_en:
        found.append(_("%(field)s needs a label in both languages.") % {"field": spec.code})
    found += _choice_problems(spec) + _limit_problems(spec)
    if spec.filterable and spec.kind == "long_text":
        found.append(_("%(field)s: long text is found by search, not by filter.") % {"field": spec.code})
    return found


def _choice_problems(spec: FieldSpec) -> list[str]:
    if spec.kind not in WITH_CHOICES:
        return []
    if not all(isinstance(item, Mapping) and item.get("code") for item in spec.choices) or not spec.choices:
        return [_("%(field)s needs choices, each with a code.") % {"field": spec.code}]
    codes = [str(item["code"]) for item in spec.choices]
    if len(set(codes)) < len(codes):
        return [_("%(field)s has two choices with one code.") % {"field": spec.code}]
    if not all(item.get("zh") and item.get("en") for item in spec.choices):
        return [_("%(field)s: every choice needs words in both languages.") % {"field": spec.code}]
    return []


def _limit_problems(spec: FieldSpec) -> list[str]:
    found = []
    try:
        if spec.pattern:
            compile_pattern(spec.pattern)
    except BadPattern as error:
        found.append(f"{spec.code}: {error}")
    limits = [value for value in (spec.min_value, spec.max_value) if value]
    if limits and spec.kind not in WITH_RANGE:
        found.append(_("%(field)s: only numbers and dates have a smallest and largest value.") % {"field": spec.code})
        return found
    try:
        parsed = [parse_value(value, spec.kind) for value in limits]
        if len(parsed) == 2 and parsed[0] > parsed[1]:
            found.append(_("%(field)s: the smallest value is larger than the largest.") % {"field": spec.code})
    except BadValue as error:
        found.append(f"{spec.code}: {error}")
    return found
