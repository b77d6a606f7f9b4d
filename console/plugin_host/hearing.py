"""Events for plugins: one stored row per plugin and event (EventDelivery), so that no plugin holds up another.

Which types a plugin hears stands in its manifest, so rows are written by every process, also one that has not
imported a plugin yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from console.events.registry import subscribe, unsubscribe
from console.plugin_api.extensions import EventView

from . import extensions, loader
from .discovery import Found

KIND = "event_handler"


class NotHeard(Exception):
    """A handler did not take an event; the row comes due again."""


def name_of(plugin: str) -> str:
    """Under which name a plugin's rows stand in the list of deliveries."""
    return f"plugin:{plugin}"


def listen(plugins: Iterable[Found]) -> None:
    """Subscribe every plugin that runs to what its manifest names. Called from ready()."""
    for found in plugins:
        if found.runs and found.manifest.events:
            hear = partial(on_event, found.slug)
            subscribe(found.manifest.events, name_of(found.slug), hear, "after_commit", atomic=False)


def fall_silent(plugin: str) -> None:
    """No rows are written for this plugin any more."""
    unsubscribe(name_of(plugin))


def on_event(plugin: str, event: Any) -> None:
    """Hand one event to the handlers of one plugin. Raises NotHeard when one of them did not take it.

    A plugin that is switched off hears nothing, now or later; one that is missing or whose circuit is open waits.
    """
    if loader.registry().plugin(plugin) is None:
        raise NotHeard(f"{plugin} is not loaded")
    view = EventView(
        id=str(event.id),
        type=event.type,
        stream=event.stream,
        at=event.created_at,
        actor=event.actor.kind,
        data=event.data,
    )
    failed = []
    for handle in extensions.of(KIND, plugin):
        if any(fnmatchcase(event.type, glob) for glob in handle.entry.facts["event_types"]):
            outcome = handle.call("handle", view)
            if not outcome.ok:
                failed.append(f"{handle.slug}: {outcome.error_class} {outcome.message}".strip())
    if failed:
        raise NotHeard("; ".join(failed)[:500])
