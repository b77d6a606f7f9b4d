"""Extensions as the rooms above call them, whatever their kind:

    for extension in extensions.of("desk_panel"):
        outcome = extension.call("show", outline)

A room of ours may offer one too (`offer`): it is asked beside those of plugins, in the caller's own thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from console.foundation.errors import words_of
from console.plugin_api.extensions import Extension

from . import contracts, loader, runner, state
from .context import HostContext
from .discovery import BUNDLED
from .instances import shield
from .kinds import Entry
from .outcomes import Failure, Outcome
from .redact import Redactor

log = structlog.get_logger(__name__)
Check = Callable[[str, Any], Any]
PATIENCE_SECONDS = 4.0
"""The longest a page waits for all extensions of a kind together."""


class Handle:
    """Calls one extension of a plugin, always through the runner. For one thread and one batch."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._object: Extension | None = None

    @property
    def plugin(self) -> str:
        return self.entry.plugin

    @property
    def slug(self) -> str:
        return self.entry.slug

    @property
    def label(self) -> str:
        return str(self.entry.label)

    @property
    def instance(self) -> str:
        """What stands in runs, circuits and the store in place of an account."""
        return f"{self.entry.kind}:{self.entry.slug}"

    def call(self, method: str, *args: Any, budget: float | None = None, check: Check = contracts.check) -> Outcome:
        """Call one method of the contract. Plain values in, an Outcome out; see runner.call."""
        shielded = tuple(shield(arg) for arg in args)
        outcome = runner.call(
            self.plugin,
            self.instance,
            method,
            lambda: getattr(self._made(), method)(*shielded),
            budget=budget,
            check=check,
        )
        if outcome.failure is Failure.TIMEOUT:
            self._object = None
        return outcome

    def _made(self) -> Extension:
        """In the plugin's thread: the object, made at the first call."""
        if self._object is None:
            self._object = self.entry.cls(HostContext(self.plugin, self.instance, Redactor()))
        return self._object


class OwnHandle:
    """An extension of the house itself: the same face, no thread, no circuit; it may read the database."""

    plugin = ""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension
        self.slug, self.label = extension.slug, str(extension.label)
        self.facts = {"priority": extension.priority}

    def call(self, method: str, *args: Any, budget: float | None = None, check: Check = contracts.check) -> Outcome:
        try:
            return Outcome(ok=True, value=check(method, getattr(self._extension, method)(*args)))
        except Exception as error:
            log.exception("own_extension_failed", extension=self.slug, method=method)
            return Outcome(
                ok=False, failure=Failure.BUG, error_class=type(error).__name__, message=words_of(error)
            )  # fmt: skip


AnyHandle = Handle | OwnHandle
_own: dict[tuple[str, str], Extension] = {}


def offer(kind: str, extension: Extension) -> None:
    """Called from ready() by a room that offers an extension of its own. Offered again, it replaces the former."""
    _own[kind, extension.slug] = extension


def exist(*kinds: str) -> bool:
    """Whether anything of these kinds is there at all, switched on or not. Asks no database."""
    own = any(kind in kinds for kind, _slug in _own)
    return own or any(kind in kinds for kind, _slug in loader.registry().entries)


def of(kind: str, plugin: str = "") -> list[AnyHandle]:
    """The extensions of a kind that are switched on, by priority, then slug; those of one plugin if it is named."""
    entries = loader.registry().of_kind(kind).values()
    found: list[tuple[int, str, AnyHandle]] = [
        (entry.priority, entry.slug, Handle(entry))
        for entry in entries
        if plugin in ("", entry.plugin) and is_on(entry.plugin)
    ]
    if not plugin:
        found += [(one.priority, one.slug, OwnHandle(one)) for (its_kind, _), one in _own.items() if its_kind == kind]
    return [handle for _priority, _slug, handle in sorted(found, key=lambda item: item[:2])]


def one(kind: str, slug: str) -> Handle | None:
    """One plugin's extension that is switched on."""
    entry = loader.registry().of_kind(kind).get(slug)
    return Handle(entry) if entry is not None and is_on(entry.plugin) else None


def is_on(plugin: str) -> bool:
    """Whether a plugin may be called now."""
    found = loader.registry().plugin(plugin)
    return found is not None and state.is_enabled(plugin, None, found.origin == BUNDLED)


def ask(
    handles: Iterable[AnyHandle], method: str, *args: Any, check: Check = contracts.check
) -> Iterable[tuple[AnyHandle, Outcome]]:
    """Call one after another; once PATIENCE_SECONDS are used up the rest counts as busy, so a page is never held."""
    end = time.monotonic() + PATIENCE_SECONDS
    for handle in handles:
        left = end - time.monotonic()
        if left <= 0:
            yield handle, Outcome(ok=False, failure=Failure.TIMEOUT, error_class="TimeOut")
            continue
        yield handle, handle.call(method, *args, budget=min(left, runner.REQUEST_BUDGET), check=check)
