"""Alarms: rows with an owner and a next step, shown, counted, told and cleared when healed."""

from importlib import import_module
from typing import Any

from .registry import AlarmKind, register_alarm

_SERVICES = ("acknowledge", "clear_alarm", "close_by_hand", "open_alarms", "raise_alarm")

__all__ = ["AlarmKind", "acknowledge", "clear_alarm", "close_by_hand", "open_alarms", "raise_alarm", "register_alarm"]


def __getattr__(name: str) -> Any:
    # The services need the models, which are not ready while apps are being imported.
    if name not in _SERVICES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".services", __name__), name)
