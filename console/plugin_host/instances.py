"""Instances of connectors: the room that owns the accounts describes one; this room makes it callable.

    handle = connector_for(Instance(ref=str(account.uid), connector="email", config=account.config))
    outcome = handle.call("parse", view)

A handle is for one thread and one batch; the connector object is made at the first call, in the plugin's
thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType, NoneType
from typing import Any

from console.plugin_api.capabilities import Capabilities, ReplyWindow
from console.plugin_api.channels import ChannelConnector
from console.plugin_api.context import AccountView, PluginContext, Secrets

from . import credentials, loader, runner
from .context import HostContext
from .kinds import Entry
from .outcomes import Failure, Outcome
from .redact import Redactor

KIND = "channel"


@dataclass(frozen=True)
class Instance:
    """One configured use of a connector, as its owner stores it. `ref` is the account's uid as text."""

    ref: str
    connector: str
    name: str = ""
    address: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = 1
    scope: str | None = None
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"


Source = Callable[[str], Instance | None]
_sources: list[Source] = []


def register_instance_source(source: Source) -> None:
    """Called from ready() by the room that owns instances: `source(ref)` describes one, None for a foreign
    ref.
    """
    if source not in _sources:
        _sources.append(source)


def instance_of(ref: str) -> Instance | None:
    """The instance of that reference, from whichever room owns it."""
    return next((found for source in _sources if (found := source(ref)) is not None), None)


def connectors() -> dict[str, type[ChannelConnector]]:
    """Every admitted connector class by channel slug, enabled or not."""
    return {slug: entry.cls for slug, entry in connector_entries().items()}


def connector_entries() -> dict[str, Entry]:
    """The same with what the host knows of each: plugin, label, capabilities as `facts`."""
    return loader.registry().of_kind(KIND)


def connector_for(account: Instance | str) -> ConnectorHandle:
    """A handle to call the connector of an account. Never raises: what is missing shows in each Outcome."""
    instance = instance_of(account) if isinstance(account, str) else account
    if instance is None:
        instance = Instance(ref=str(account), connector="")
    return ConnectorHandle(instance, connector_entries().get(instance.connector))


def context_for(instance_ref: str, plugin: str = "", secrets: Mapping[str, str] | None = None) -> PluginContext:
    """The context of an instance, outside any handle: for tools and tests."""
    return HostContext(plugin, instance_ref, Redactor((secrets or {}).values()))


class ConnectorHandle:
    """Calls one connector for one instance, always through the runner."""

    def __init__(self, instance: Instance, entry: Entry | None, secrets: Mapping[str, str] | None = None) -> None:
        self.instance = instance
        self.entry = entry
        self._secrets = dict(secrets) if secrets is not None else None
        self._redactor: Redactor | None = None
        self._connector: ChannelConnector | None = None
        self._capabilities: Capabilities | None = None

    @property
    def plugin(self) -> str:
        """Slug of the plugin that brings the connector; "" when there is none."""
        return self.entry.plugin if self.entry else ""

    @property
    def capabilities(self) -> Capabilities:
        """What this account can do now: the connector's, narrowed by the account; nothing at all on trouble."""
        if self._capabilities is None:
            outcome = self.call("capabilities_for_account")
            narrowed = outcome.value if outcome.ok else Capabilities()
            self._capabilities = _narrowest(self.entry.facts if self.entry else Capabilities(), narrowed)
        return self._capabilities

    def call(self, method: str, *args: Any, budget: float | None = None, through_open: bool = False) -> Outcome:
        """Call one method of the contract. Plain values in, an Outcome out; see runner.call."""
        if self.entry is None:
            return Outcome(ok=False, failure=Failure.MISSING, error_class="missing", retry_after=60.0)
        try:
            redactor = self._known()
        except credentials.CannotResolve as error:
            return Outcome(
                ok=False, failure=Failure.CONFIG, error_class="CannotResolve",
                message=error.detail, field=error.field,
            )  # fmt: skip
        shielded = tuple(shield(arg) for arg in args)
        outcome = runner.call(
            self.entry.plugin,
            self.instance.ref,
            method,
            lambda: getattr(self._object(), method)(*shielded),
            budget=budget,
            redactor=redactor,
            scope=self.instance.scope,
            through_open=through_open,
        )
        if outcome.failure is Failure.TIMEOUT:
            self._connector = None
        return outcome

    def diagnostics(self) -> dict[str, Any]:
        """The connector's own facts, redacted, and why there are none if there are none."""
        outcome = self.call("diagnostics", through_open=True)
        if not outcome.ok:
            return {"error": outcome.error_class, "message": outcome.message}
        return self._known().value(outcome.value)

    def redact(self, text: str) -> str:
        """A text without this instance's secrets."""
        try:
            return self._known().text(text)
        except credentials.CannotResolve:
            return runner.NOBODY.text(text)

    def _known(self) -> Redactor:
        if self._redactor is None:
            if self._secrets is None:
                self._secrets = credentials.read(self.instance.ref)
            else:
                self._secrets = credentials.resolve(self._secrets)
            self._redactor = Redactor(self._secrets.values())
        return self._redactor

    def _object(self) -> ChannelConnector:
        """In the plugin's thread: the connector, made at the first call."""
        if self._connector is None:
            cls = self.entry.cls
            config = json.loads(json.dumps(dict(self.instance.config), default=str))
            if self.instance.schema_version < cls.schema_version:
                config = dict(cls.migrate_config(config, self.instance.schema_version))
            account = AccountView(
                ref=self.instance.ref,
                name=self.instance.name,
                address=self.instance.address,
                config=config,
                secrets=Secrets(self._secrets),
                language=self.instance.language,
                time_zone=self.instance.time_zone,
            )
            context = HostContext(self.entry.plugin, self.instance.ref, self._redactor or Redactor())
            self._connector = cls(account, context)
        return self._connector


def _narrowest(widest: Capabilities, narrowed: Capabilities) -> Capabilities:
    """`narrowed`, with every point where it claims more than the class put back to the class's own."""
    values = {}
    for item in fields(Capabilities):
        most, asked = getattr(widest, item.name), getattr(narrowed, item.name)
        values[item.name] = asked if _within(asked, most, item.name) else most
    return Capabilities(**values)


_LINKS = {"none": 0, "bank_only": 1, "any": 2}


def _within(asked: Any, most: Any, name: str) -> bool:
    if isinstance(asked, frozenset):
        return asked <= most
    if name == "links":
        return _LINKS[asked] <= _LINKS[most]
    if name == "channel_class":
        return asked == most or asked == "open"
    if name == "receipt_source":
        return asked == most or asked == "none"
    if name == "outbound_template_only":
        return asked or not most
    if name in ("adds", "templates"):
        return True
    if name in ("max_segments", "max_bytes"):
        return not most or 0 < asked <= most
    if name == "reply_windows":
        return not most or (bool(asked) and all(any(_shorter(one, wide) for wide in most) for one in asked))
    if name == "reply_window_hours":
        return not most or 0 < asked <= most
    return asked <= most


def _shorter(one: ReplyWindow, wide: ReplyWindow) -> bool:
    fewer = not wide.answers or 0 < one.answers <= wide.answers
    return one.act == wide.act and 0 < one.seconds <= wide.seconds and fewer


def shield(value: Any) -> Any:
    """A copy of an argument whose mappings cannot be changed: what a plugin does to it reaches nobody else."""
    if isinstance(value, _UNCHANGEABLE):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{name: shield(getattr(value, name)) for name in _names(type(value))})
    if isinstance(value, Mapping) and not isinstance(value, Secrets):
        return MappingProxyType({name: shield(item) for name, item in value.items()})
    if isinstance(value, tuple | list):
        return tuple(shield(item) for item in value)
    return value


_UNCHANGEABLE = (str, bytes, int, float, datetime, NoneType)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))
