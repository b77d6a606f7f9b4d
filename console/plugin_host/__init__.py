"""Finds, admits, runs and watches plugins.

from console.plugin_host import Instance, connector_for, connectors, credentials, runner
"""

from importlib import import_module
from typing import Any

# Looked up on first use: settings import `discovery` from here long before models may be imported.
_LATER = {
    "Instance": ".instances",
    "connector_entries": ".instances",
    "connector_for": ".instances",
    "connectors": ".instances",
    "context_for": ".instances",
    "instance_of": ".instances",
    "register_instance_source": ".instances",
    "CircuitOpen": ".outcomes",
    "Failure": ".outcomes",
    "Outcome": ".outcomes",
}
__all__ = [
    "CircuitOpen",
    "Failure",
    "Instance",
    "Outcome",
    "connector_entries",
    "connector_for",
    "connectors",
    "context_for",
    "instance_of",
    "register_instance_source",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name], __name__), name)
