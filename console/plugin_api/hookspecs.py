"""The hooks a plugin may implement, marked with `hookimpl`. Called once at start-up; no database, no network.

Each returns a list of classes; the host checks every item by itself and refuses single ones. If a hook
raises, the plugin is not admitted, the reason stands on the plugins page, and everything else starts.
"""

from __future__ import annotations

from pluggy import HookimplMarker, HookspecMarker

from .channels import ChannelConnector
from .extensions import (
    CaseClassifier,
    CaseEventHandler,
    DashboardWidget,
    DeskPanel,
    HealthCheck,
    HubPage,
    KnowledgeSource,
    ReplySuggester,
)

PROJECT = "huiyin"
hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


class Hooks:
    """The specifications; a plugin implements any of them as a module-level function in its `plugin.py`."""

    @hookspec
    def register_channel_connectors(self) -> list[type[ChannelConnector]]:  # type: ignore[empty-body]
        """Return the `ChannelConnector` classes of this plugin, each with its own slug."""

    @hookspec
    def register_case_event_handlers(self) -> list[type[CaseEventHandler]]:  # type: ignore[empty-body]
        """Return the `CaseEventHandler` classes that hear events after they were committed."""

    @hookspec
    def register_health_checks(self) -> list[type[HealthCheck]]:  # type: ignore[empty-body]
        """Return the `HealthCheck` classes, asked every five minutes and shown on the plugins page."""

    @hookspec
    def register_desk_panels(self) -> list[type[DeskPanel]]:  # type: ignore[empty-body]
        """Return the `DeskPanel` classes, each a card beside the case."""

    @hookspec
    def register_case_classifiers(self) -> list[type[CaseClassifier]]:  # type: ignore[empty-body]
        """Return the `CaseClassifier` classes, which suggest where a case belongs; a person accepts."""

    @hookspec
    def register_reply_suggesters(self) -> list[type[ReplySuggester]]:  # type: ignore[empty-body]
        """Return the `ReplySuggester` classes, which draft replies with their sources for the agent."""

    @hookspec
    def register_knowledge_sources(self) -> list[type[KnowledgeSource]]:  # type: ignore[empty-body]
        """Return the `KnowledgeSource` classes, searched when an agent looks for an answer."""

    @hookspec
    def register_dashboard_widgets(self) -> list[type[DashboardWidget]]:  # type: ignore[empty-body]
        """Return the `DashboardWidget` classes, each a card on the hub's first page."""

    @hookspec
    def register_admin_pages(self) -> list[type[HubPage]]:  # type: ignore[empty-body]
        """Return the `HubPage` classes, each a page of the hub with an entry in its menu."""
