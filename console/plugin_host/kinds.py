"""Hook kinds as data: which hook brings which classes, and the rule each class must meet. New kinds are
rows here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.plugin_api.capabilities import Capabilities
from console.plugin_api.channels import ChannelConnector
from console.plugin_api.extensions import (
    CaseClassifier,
    CaseEventHandler,
    DashboardWidget,
    DeskPanel,
    HealthCheck,
    HubPage,
    KnowledgeSource,
    ReplySuggester,
)
from console.plugin_api.forms import ConfigForm

from .admit import Refused
from .copying import Meter, copier
from .manifest import EVENT_GLOB, SLUG
from .outcomes import ContractBroken


@dataclass(frozen=True)
class Entry:
    """One admitted class, with the facts the host took from it once and trusts from then on."""

    slug: str
    plugin: str
    kind: str
    cls: type
    label: Any
    facts: Any = None

    @property
    def priority(self) -> int:
        return self.facts["priority"] if isinstance(self.facts, dict) else 100


@dataclass(frozen=True)
class HookKind:
    """One hook: what it registers, what the host hands to it (shown before it is switched on), and how one item is
    checked and described.
    """

    hook: str
    kind: str
    base: type
    sees: Any
    facts: dict[str, Any] = field(default_factory=dict)
    check: Callable[[Entry], None] = lambda entry: None

    def admit(self, plugin: str, cls: Any) -> Entry:
        """Check one class. Raises Refused."""
        if self.base is ChannelConnector:
            return admit_connector(plugin, cls)
        return admit_extension(self, plugin, cls)


def admit_extension(kind: HookKind, plugin: str, cls: Any) -> Entry:
    """Check one class of any kind but channels, by what its row says. Raises Refused."""
    slug, label = _named(kind.base, cls)
    wanted = {"priority": int, **kind.facts}
    try:
        facts = {
            name: copier(hint)(getattr(cls, name, None), f"{cls.__name__}.{name}", Meter())
            for name, hint in wanted.items()
        }
    except ContractBroken as error:
        raise Refused(str(error)) from error
    _check_methods(cls, kind.base)
    missing = [name for name, method in _methods(kind.base) if getattr(cls, name) is method and name != "__init__"]
    if missing:
        raise Refused(f"{cls.__name__} has no {missing[0]}()")
    entry = Entry(slug, plugin, kind.kind, cls, label, facts)
    kind.check(entry)
    return entry


def _named(base: type, cls: Any) -> tuple[str, Any]:
    """Slug and label of a class of the right base. Raises Refused."""
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise Refused(f"{cls!r:.80} is no {base.__name__} class")
    slug = getattr(cls, "slug", None)
    if not (isinstance(slug, str) and SLUG.match(slug)):
        raise Refused(f"{cls.__name__}.slug {slug!r:.60} is not well formed")
    label = getattr(cls, "label", None)
    if not (isinstance(label, str | Promise) and label):
        raise Refused(f"{cls.__name__}.label is missing")
    return slug, label


def _methods(base: type) -> list[tuple[str, Any]]:
    """What a plugin writes of a contract: the methods of its base class."""
    return [
        (name, getattr(base, name))
        for name, member in vars(base).items()
        if inspect.isroutine(member) or isinstance(member, classmethod)
    ]


def _hears_something(entry: Entry) -> None:
    if not entry.facts["event_types"] or not all(EVENT_GLOB.match(glob) for glob in entry.facts["event_types"]):
        raise Refused(f"{entry.cls.__name__}.event_types names no event")


def _asks_permission(entry: Entry) -> None:
    if not entry.facts["permission"]:
        raise Refused(f"{entry.cls.__name__}.permission is missing")


def admit_connector(plugin: str, cls: Any) -> Entry:
    """Check one connector class. Raises Refused."""
    slug, label = _named(ChannelConnector, cls)
    name = cls.__name__
    form = getattr(cls, "config_form", None)
    if not (isinstance(form, type) and issubclass(form, ConfigForm)):
        raise Refused(f"{name}.config_form is no ConfigForm class")
    version = getattr(cls, "schema_version", None)
    if type(version) is not int or version < 1:
        raise Refused(f"{name}.schema_version {version!r:.60} is no positive number")
    _check_methods(cls, ChannelConnector)
    return Entry(slug, plugin, "channel", cls, label, _capabilities(cls))


def _capabilities(cls: type[ChannelConnector]) -> Capabilities:
    try:
        facts = copier(Capabilities)(getattr(cls, "capabilities", None), "capabilities", Meter())
    except ContractBroken as error:
        raise Refused(f"{cls.__name__}: {error}") from error
    needs = {
        "inbound_poll": "poll",
        "inbound_listen": "listen",
        "inbound_webhook": "verify",
        "outbound_text": "send",
        "synchronous_reply": "reply",
    }
    for capability, method in needs.items():
        if getattr(facts, capability) and getattr(cls, method) is getattr(ChannelConnector, method):
            raise Refused(f"{cls.__name__} promises {capability} but has no {method}()")
    if (facts.inbound_poll or facts.inbound_webhook) and cls.parse is ChannelConnector.parse:
        raise Refused(f"{cls.__name__} takes messages in but has no parse()")
    return facts


def _check_methods(cls: type, base: type) -> None:
    """Overridden methods are synchronous and can be called the way the host calls them."""
    for name, original in _methods(base):
        method = getattr(cls, name)
        if method is original:
            continue
        if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
            raise Refused(f"{cls.__name__}.{name} is a coroutine function; plugins are synchronous")
        if not callable(method):
            raise Refused(f"{cls.__name__}.{name} is not a method")
        wanted = inspect.signature(original)
        places = [object()] * len(wanted.parameters)
        try:
            inspect.signature(method).bind(*places)
        except (TypeError, ValueError) as error:
            raise Refused(f"{cls.__name__}.{name}{wanted}: {error}") from error


_CASE = _("the open case: type, state, subject, categories and the latest messages, with numbers masked")
KINDS: tuple[HookKind, ...] = (
    HookKind(
        "register_channel_connectors", "channel", ChannelConnector,
        _("everything received and sent over its accounts, and their credentials"),
    ),
    HookKind(
        "register_case_event_handlers", "event_handler", CaseEventHandler,
        _("ids and codes of the events it names"),
        {"event_types": tuple[str, ...]}, _hears_something,
    ),
    HookKind("register_health_checks", "health_check", HealthCheck, _("nothing")),
    HookKind("register_desk_panels", "desk_panel", DeskPanel, _CASE),
    HookKind("register_case_classifiers", "classifier", CaseClassifier, _CASE),
    HookKind("register_reply_suggesters", "reply_suggester", ReplySuggester, _CASE),
    HookKind("register_knowledge_sources", "knowledge_source", KnowledgeSource, _("what agents search for")),
    HookKind(
        "register_dashboard_widgets", "dashboard_widget", DashboardWidget, _("nothing"), {"permission": str},
    ),
    HookKind(
        "register_admin_pages", "hub_page", HubPage, _("what is typed into its search box"),
        {"permission": str}, _asks_permission,
    ),
)  # fmt: skip
BY_HOOK = {kind.hook: kind for kind in KINDS}
BY_KIND = {kind.kind: kind for kind in KINDS}
