"""What happened, provably: an append-only, hash-chained log, and reliable dispatch to whoever listens.

from console.events import emit, subscribe, Actor, acting_as, correlation
"""

from importlib import import_module
from typing import Any

from .context import (
    SYSTEM,
    Actor,
    acting_as,
    correlation,
    current_actor,
    current_correlation,
    new_correlation_id,
)
from .registry import subscribe

# Looked up on first use: these need the app registry, which is not ready while apps are being imported.
_LATER = {
    "emit": ".services.log",
    "emit_many": ".services.log",
    "NewEvent": ".services.log",
    "EventRefused": ".services.log",
    "raise_alarm": ".alarms.services",
    "clear_alarm": ".alarms.services",
    "open_alarms": ".alarms.services",
}

__all__ = [
    "SYSTEM",
    "Actor",
    "EventRefused",
    "NewEvent",
    "acting_as",
    "clear_alarm",
    "correlation",
    "current_actor",
    "current_correlation",
    "emit",
    "emit_many",
    "new_correlation_id",
    "open_alarms",
    "raise_alarm",
    "subscribe",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name], __name__), name)
