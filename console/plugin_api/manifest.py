"""The facts of `plugin.toml`, read before a line of the plugin is imported.

[plugin]
slug = "email"                          # folder name; lower-case letters, digits, underscores
name = { en = "E-mail", "zh-hans" = "电子邮件" }
version = "1.0.0"
requires_api = ">=0.9,<2"
module = "plugins.email"                # importable package; holds plugin.py with the hook implementations
kinds = ["channel", "event_handler"]  # what it registers; nothing else is let in
events = ["case.*"]                     # only for an event handler: the types it may hear
summary = { en = "…", "zh-hans" = "…" }
author = "…"
licence = "Apache-2.0"
app = "plugins.email.apps.EmailConfig"  # only for a plugin with models, label hyp_<slug>
requires = ["imap-tools>=1.16"]         # distributions that must be present
budget_seconds = 30                     # longest worker call it asks for, at most 120
"""

from __future__ import annotations

from dataclasses import dataclass, field

MANIFEST_NAME = "plugin.toml"
ENTRY_POINT_GROUP = "huiyin.plugins"
KINDS = (
    "channel",
    "event_handler",
    "health_check",
    "desk_panel",
    "classifier",
    "reply_suggester",
    "knowledge_source",
    "dashboard_widget",
    "hub_page",
)
MAX_BUDGET = 120.0
DEFAULT_BUDGET = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One plugin's own statement about itself."""

    slug: str
    name: dict[str, str]
    version: str
    requires_api: str
    module: str
    kinds: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    summary: dict[str, str] = field(default_factory=dict)
    author: str = ""
    licence: str = ""
    app: str = ""
    requires: tuple[str, ...] = ()
    budget_seconds: float = DEFAULT_BUDGET

    @property
    def app_label(self) -> str:
        """Label its Django app must have."""
        return f"hyp_{self.slug}"
