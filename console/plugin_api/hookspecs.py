"""The hooks a plugin may implement, marked with `hookimpl`. Called once at start-up; no database, no network.

Each returns a list of classes; the host checks every item by itself and refuses single ones. If a hook
raises, the plugin is not admitted, the reason stands on the plugins page, and everything else starts.
"""

from __future__ import annotations

from pluggy import HookimplMarker, HookspecMarker

from .channels import ChannelConnector

PROJECT = "huiyin"
hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


class Hooks:
    """The specifications; a plugin implements any of them as a module-level function in its `plugin.py`."""

    @hookspec
    def register_channel_connectors(self) -> list[type[ChannelConnector]]:  # type: ignore[empty-body]
        """Return the `ChannelConnector` classes of this plugin, each with its own slug."""
