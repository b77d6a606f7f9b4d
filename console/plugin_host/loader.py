"""Imports the plugins that may run, admits their hooks and keeps what they registered. Once per process, on
first use.

Every step of a plugin runs in its own pool with a budget and without a database, so a plugin that raises,
exits, hangs or reaches for tables while being imported is skipped and shown, and everything else starts.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import structlog

from . import admit, discovery, threads
from .kinds import BY_HOOK, Entry
from .problems import Problem

log = structlog.get_logger(__name__)
IMPORT_BUDGET = 20.0
HOOK_BUDGET = 5.0
MODULE = "plugin"
CHANNEL = "channel"
MAX_ITEMS = 50


@dataclass
class Registry:
    """What this process knows about plugins."""

    found: list[discovery.Found] = field(default_factory=list)
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    hooks: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def plugin(self, slug: str) -> discovery.Found | None:
        """The plugin of that name which may run, or None."""
        return next((found for found in self.found if found.slug == slug and found.runs), None)

    def of_kind(self, kind: str) -> dict[str, Entry]:
        """Entries of one kind by slug; extensions in the order of their priority."""
        mine = [entry for (its_kind, _), entry in self.entries.items() if its_kind == kind]
        return {entry.slug: entry for entry in sorted(mine, key=lambda entry: (entry.priority, entry.slug))}

    def problems_of(self, slug: str) -> list[Problem]:
        """Everything that is wrong with one plugin: found on disk or met while loading."""
        on_disk = [problem for found in self.found if found.slug == slug for problem in found.problems]
        return on_disk + [problem for problem in self.problems if problem.slug == slug]


class _Memory:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.registry: Registry | None = None


_memory = _Memory()
os.register_at_fork(after_in_child=lambda: setattr(_memory, "lock", threading.RLock()))


def registry() -> Registry:
    """The plugins of this process; loads them at the first call."""
    if _memory.registry is None:
        with _memory.lock:
            if _memory.registry is None:
                _memory.registry = load(discovery.discover())
    return _memory.registry


def replace_registry(new: Registry | None) -> Registry | None:
    """Put another registry in place (tests); None loads anew at the next use. Returns the former one."""
    with _memory.lock:
        former, _memory.registry = _memory.registry, new
    return former


def load(found: list[discovery.Found]) -> Registry:
    """Import and admit everything that runs. Never raises for a plugin."""
    result = Registry(found=list(found))
    manager = admit.new_manager()
    for plugin in result.found:
        if plugin.runs:
            _load_one(result, manager, plugin)
    _drop_clashes(result)
    for problem in result.problems:
        log.warning("plugin_problem", plugin=problem.slug, code=problem.code, detail=problem.detail)
    return result


def _load_one(result: Registry, manager: Any, plugin: discovery.Found) -> None:
    slug = plugin.slug
    module = _step(result, slug, "import", IMPORT_BUDGET, lambda: _import(plugin.module))
    if module is None:
        return
    try:
        admit.register(manager, slug, module)
    except admit.Refused as error:
        result.problems.append(Problem(slug, "hook", str(error)))
        return
    functions = admit.functions_of(manager, slug)
    result.hooks[slug] = [name for name, _function in functions]
    for name, function in functions:
        items = _step(result, slug, "hook", HOOK_BUDGET, lambda function=function: _items(function()))
        for item in items or ():
            _admit_item(result, slug, name, item)


def _import(package: str) -> Any:
    """The plugin's `plugin.py`; a package without one holds its hooks itself."""
    parent = importlib.import_module(package)
    if importlib.util.find_spec(f"{package}.{MODULE}") is None:
        return parent
    return importlib.import_module(f"{package}.{MODULE}")


def _items(answer: Any) -> list[Any]:
    if not isinstance(answer, list | tuple):
        raise TypeError(f"the hook returned {type(answer).__name__} instead of a list")
    if len(answer) > MAX_ITEMS:
        raise ValueError(f"the hook returned more than {MAX_ITEMS} classes")
    return list(answer)


def _admit_item(result: Registry, slug: str, hook: str, item: Any) -> None:
    kind = BY_HOOK[hook]
    refused = "connector" if kind.kind == CHANNEL else "extension"

    def check() -> Entry:
        _declared(result.plugin(slug), kind.kind)
        entry = kind.admit(slug, item)
        _within_manifest(result.plugin(slug), entry)
        return entry

    entry = _step(result, slug, refused, HOOK_BUDGET, check)
    if entry is None:
        return
    place = (entry.kind, entry.slug)
    if place in result.entries and result.entries[place].plugin == slug:
        result.problems.append(Problem(slug, refused, f"{entry.slug} is registered twice"))
    elif place in result.entries:
        for one in (slug, result.entries[place].plugin):
            result.problems.append(Problem(one, f"{refused}_clash", f"{entry.kind}: {entry.slug}"))
    else:
        result.entries[place] = entry


def _declared(plugin: discovery.Found, kind: str) -> None:
    """What a plugin may be handed is told by its manifest, so it registers nothing else."""
    declared = plugin.manifest.kinds or (CHANNEL,)
    if kind not in declared:
        raise admit.Refused(f"its plugin.toml does not name the kind {kind!r}")


def _within_manifest(plugin: discovery.Found, entry: Entry) -> None:
    """A handler hears only what the manifest asks for."""
    for glob in (entry.facts or {}).get("event_types", ()) if isinstance(entry.facts, dict) else ():
        if not any(fnmatchcase(glob, asked) for asked in plugin.manifest.events):
            raise admit.Refused(f"{entry.slug} hears {glob}, which its plugin.toml does not name")


def _drop_clashes(result: Registry) -> None:
    """Neither side of a clash keeps its place."""
    clashing = {problem.detail for problem in result.problems if problem.code.endswith("_clash")}
    result.entries = {
        (kind, slug): entry for (kind, slug), entry in result.entries.items() if f"{kind}: {slug}" not in clashing
    }


def _step(result: Registry, slug: str, code: str, budget: float, step: Callable[[], Any]) -> Any:
    """One guarded step of loading; None after a problem was noted."""

    def body() -> tuple[Any, str]:
        try:
            return step(), ""
        except threads.Abandoned:
            raise
        except BaseException as error:
            return None, _words(error)

    try:
        value, fault = threads.pool_of(f"load:{slug}").call(body, budget)
    except threads.OverBudget:
        value, fault = None, f"no end within {budget:g} s"
    except (threads.PoolFull, threads.PluginRaised) as error:
        value, fault = None, str(error)
    if fault:
        result.problems.append(Problem(slug, code, fault))
    return value


def _words(error: BaseException) -> str:
    if isinstance(error, admit.Refused):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except Exception:
        return type(error).__name__
