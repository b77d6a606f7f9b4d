"""What a condition may speak of: a subject (case, conversation, customer …) and its fields."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from .types import TYPES

Choices = Iterable[tuple[str, Any]] | Callable[[], Iterable[tuple[str, Any]]]


@dataclass(frozen=True)
class Field:
    """One thing that can be tested. Exactly one of `column`, `index` and `resolver` says where its value is.

    column: a path of the model, through single-valued relations. index: an IndexRow model; `key` is the code its rows
    carry. resolver: a function of the object; such a field decides in memory only. An encrypted field's column is its
    keyed hash and `purpose` says what it was hashed for.
    """

    name: str
    type: str
    label: Any
    column: str = ""
    index: Any = None
    key: str = ""
    resolver: Callable[[Any], Any] | None = None
    choices: Choices = ()
    purpose: str = ""
    normalise: Callable[[str], str] | None = None
    value: Callable[[Any], Any] | None = None

    @property
    def queryable(self) -> bool:
        return self.resolver is None

    def options(self) -> list[tuple[str, Any]]:
        found = self.choices() if callable(self.choices) else self.choices
        return [(str(code), label) for code, label in found]

    def read(self, source: Any) -> Any:
        """The value on an object, or in a mapping of facts; None when absent."""
        if isinstance(source, Mapping):
            return source.get(self.name)
        getter = self.value or self.resolver
        if getter is not None:
            return getter(source)
        if self.index is not None:
            return (source.data or {}).get(self.key)
        return reduce(lambda obj, name: getattr(obj, name, None), self.column.split("__"), source)


class Subject:
    """A named set of fields over one model. Rooms make theirs at import and add fields as they go."""

    def __init__(self, name: str, model: Any = None, label: Any = "") -> None:
        self.name, self.model, self.label = name, model, label or name
        self._fields: dict[str, Field] = {}
        self._providers: list[Callable[[], Iterable[Field]]] = []

    def register_field(
        self,
        name: str,
        type: str,
        column: str = "",
        index: Any = None,
        resolver: Callable[[Any], Any] | None = None,
        label: Any = "",
        choices: Choices = (),
        **more: Any,
    ) -> Field:
        """Add a field, or replace one of the same name. Raises ValueError when it is not well said."""
        key = more.pop("key", "") or name.removeprefix("data.")
        field = Field(
            name,
            type,
            label or name,
            column,
            index,
            key,
            resolver,
            tuple(choices) if not callable(choices) else choices,
            **more,
        )
        self._fields[name] = checked(field)
        return field

    def register_provider(self, provider: Callable[[], Iterable[Field]]) -> None:
        """Add a function that is asked for more fields whenever a tree is read: fields that are rows themselves."""
        self._providers.append(provider)

    def fields(self) -> dict[str, Field]:
        """Every field by name, provided ones included."""
        found = dict(self._fields)
        for provider in self._providers:
            found |= {field.name: checked(field) for field in provider()}
        return found

    def extended(self, fields: Iterable[Field]) -> "Subject":
        """A copy with more fields: one case type's own, say."""
        copy = Subject(self.name, self.model, self.label)
        copy._fields = self._fields | {field.name: checked(field) for field in fields}
        copy._providers = list(self._providers)
        return copy


def checked(field: Field) -> Field:
    """The field itself, if it is well said. Raises ValueError."""
    sources = [bool(field.column), field.index is not None, field.resolver is not None]
    if field.type not in TYPES:
        raise ValueError(f"{field.name}: {field.type!r} is no type; types are {', '.join(TYPES)}.")
    if sum(sources) != 1:
        raise ValueError(f"{field.name}: say exactly one of column, index and resolver.")
    if field.type == "encrypted" and not field.purpose:
        raise ValueError(f"{field.name}: an encrypted field names the purpose of its keyed hash.")
    return field if field.key else replace(field, key=field.name)


_subjects: dict[str, Subject] = {}


def subject(name: str, model: Any = None, label: Any = "") -> Subject:
    """The subject of this name, made on first use. Later calls may add the model and the label."""
    found = _subjects.setdefault(name, Subject(name, model, label))
    found.model = found.model or model
    found.label = label or found.label
    return found


def subjects() -> dict[str, Subject]:
    """Every subject rooms have made with `subject()`, by name."""
    return dict(_subjects)
