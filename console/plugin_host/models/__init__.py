"""What the host remembers: switches, problems, runs, circuits, credentials, and what it lends to plugins."""

from .circuits import Circuit
from .credentials import ConnectorCredential
from .health import PluginHealth
from .lent import PluginLease, PluginStored
from .runs import PluginHour, PluginRun
from .states import HostStamp, PluginProblem, PluginState

__all__ = [
    "Circuit",
    "ConnectorCredential",
    "HostStamp",
    "PluginHealth",
    "PluginHour",
    "PluginLease",
    "PluginProblem",
    "PluginRun",
    "PluginState",
    "PluginStored",
]
