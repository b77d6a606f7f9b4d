"""The conformance kit for plugins: fixtures, doubles for the context, `ChannelConformance` and
`ExtensionConformance`.

    pytest_plugins = ["console.plugin_api.testing"]          # in your top conftest.py

    class TestMine(ChannelConformance):
        connector = MyConnector
        payloads = Path(__file__).parent / "payloads"
        config = {"host": "mail.example"}
        secrets = {"password": "a-long-marker"}
        exempt = {"send": "this channel cannot send"}

    class TestMyPanel(ExtensionConformance):
        extension = MyPanel

The kit runs against the contract alone; only `plugin_host` needs the product installed around it.
"""

from .conformance import ChannelConformance
from .extensions import ExtensionConformance
from .fakes import FakeContext, FakeHttp, FrozenClock, MemoryStore, RecordingLog, context_for
from .fixtures import (
    connector_instance,
    environment_guard,
    fake_context,
    fake_http,
    frozen_clock,
    network_guard,
    plugin_host,
)
from .payloads import Payload, recorded

__all__ = [
    "ChannelConformance",
    "ExtensionConformance",
    "FakeContext",
    "FakeHttp",
    "FrozenClock",
    "MemoryStore",
    "Payload",
    "RecordingLog",
    "connector_instance",
    "context_for",
    "environment_guard",
    "fake_context",
    "fake_http",
    "frozen_clock",
    "network_guard",
    "plugin_host",
    "recorded",
]
