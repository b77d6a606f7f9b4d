"""Sections: each room says how its part of the configuration is exported, checked and applied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """Something wrong in a bundle: where, and a sentence for the person who wrote it."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


def _no_problems(data: Any) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Section:
    """One part of a bundle.

    export() gives JSON data: a list of mappings told apart by `key`, or one mapping. apply(data, actor, reason) makes
    it so and leaves what the data does not mention alone; it runs inside the one transaction of the whole bundle.
    validate(data) lists Problems without changing anything. `label` names the section for people.
    """

    name: str
    order: int
    export: Callable[[], Any]
    apply: Callable[..., Any]
    validate: Callable[[Any], list[Problem]]
    label: Any
    key: str


_sections: dict[str, Section] = {}


def register_section(
    name: str,
    order: int,
    export: Callable[[], Any],
    apply: Callable[..., Any],
    validate: Callable[[Any], list[Problem]] = _no_problems,
    *,
    label: Any = "",
    key: str = "code",
) -> Section:
    """Called from AppConfig.ready(). Sections are applied by rising `order`: what is referred to comes first."""
    section = Section(name, order, export, apply, validate, label or name, key)
    _sections[name] = section
    return section


def sections() -> list[Section]:
    """Every section, in the order it is applied."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.name))


def unregister_section(name: str) -> None:
    _sections.pop(name, None)
