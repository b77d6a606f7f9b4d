"""What a move does besides moving the case, by its trigger: what it brings along, what it checks, what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..config import Spec
from ..models import Case
from .base import Who


@dataclass(frozen=True, slots=True)
class Step:
    """A move that is being made, as its effect sees it."""

    case: Case
    spec: Spec
    by: Who
    at: datetime
    brought: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    cause: str = ""


def nothing(*_args: Any) -> None:
    """Most moves bring and leave nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """`keys`: values the move brings that are no fields of the case. `check` refuses before anything happens."""

    keys: tuple[str, ...] = ()
    check: Callable[[Case, Spec, dict[str, Any]], None] = nothing
    apply: Callable[[Step], None] = nothing


PLAIN = Effect()
_known: dict[str, Effect] = {}


def register(trigger: str, effect: Effect) -> None:
    """Say what moves of this trigger do. Called by the service module that owns the trigger, at import."""
    _known[trigger] = effect


def of(trigger: str) -> Effect:
    return _known.get(trigger, PLAIN)


def split(trigger: str, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the trigger brings, what belongs to the case's own fields)."""
    keys = of(trigger).keys
    return (
        {key: value for key, value in data.items() if key in keys},
        {key: value for key, value in data.items() if key not in keys},
    )
