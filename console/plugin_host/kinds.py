"""Hook kinds as data: which hook brings which classes, and the rule each class must meet. New kinds are
rows here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from console.plugin_api.capabilities import Capabilities
from console.plugin_api.channels import ChannelConnector
from console.plugin_api.forms import ConfigForm

from .admit import Refused
from .copying import Meter, copier
from .outcomes import ContractBroken

SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")


@dataclass(frozen=True)
class Entry:
    """One admitted class, with the facts the host took from it once and trusts from then on."""

    slug: str
    plugin: str
    kind: str
    cls: type
    label: Any
    facts: Any = None


@dataclass(frozen=True)
class HookKind:
    """One hook: what it registers, and how to check and describe one item."""

    hook: str
    kind: str
    admit: Callable[[str, Any], Entry]


def admit_connector(plugin: str, cls: Any) -> Entry:
    """Check one connector class. Raises Refused."""
    if not (isinstance(cls, type) and issubclass(cls, ChannelConnector)):
        raise Refused(f"{cls!r:.80} is no ChannelConnector class")
    name = cls.__name__
    slug = getattr(cls, "slug", None)
    if not (isinstance(slug, str) and SLUG.match(slug)):
        raise Refused(f"{name}.slug {slug!r:.60} is not well formed")
    label = getattr(cls, "label", None)
    if not (isinstance(label, str | Promise) and label):
        raise Refused(f"{name}.label is missing")
    form = getattr(cls, "config_form", None)
    if not (isinstance(form, type) and issubclass(form, ConfigForm)):
        raise Refused(f"{name}.config_form is no ConfigForm class")
    version = getattr(cls, "schema_version", None)
    if type(version) is not int or version < 1:
        raise Refused(f"{name}.schema_version {version!r:.60} is no positive number")
    _check_methods(cls)
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


def _check_methods(cls: type[ChannelConnector]) -> None:
    """Overridden methods are synchronous and can be called the way the host calls them."""
    for name, original in vars(ChannelConnector).items():
        if not inspect.isroutine(original) and not isinstance(original, classmethod):
            continue
        method = getattr(cls, name)
        if method is getattr(ChannelConnector, name):
            continue
        if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
            raise Refused(f"{cls.__name__}.{name} is a coroutine function; connectors are synchronous")
        if not callable(method):
            raise Refused(f"{cls.__name__}.{name} is not a method")
        wanted = inspect.signature(getattr(ChannelConnector, name))
        places = [object()] * len(wanted.parameters)
        try:
            inspect.signature(method).bind(*places)
        except (TypeError, ValueError) as error:
            raise Refused(f"{cls.__name__}.{name}{wanted}: {error}") from error


KINDS: tuple[HookKind, ...] = (HookKind("register_channel_connectors", "channel", admit_connector),)
BY_HOOK = {kind.hook: kind for kind in KINDS}
