"""Who listens to what: an in-memory table filled by AppConfig.ready() and asked once for each event type."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from .context import correlation, current_correlation

Mode = Literal["inline", "after_commit"]


@dataclass(frozen=True)
class Subscription:
    """One listener. `atomic` (after-commit only): the handler and the mark that it is done commit together.

    `batch`: the handler takes a list of events, in the order in which they happened.
    """

    name: str
    patterns: tuple[str, ...]
    handler: Callable[[Any], Any]
    mode: Mode
    order: int
    atomic: bool
    batch: bool = False

    def hear(self, events: Sequence[Any]) -> None:
        """Hand these events over: all at once, or one after another."""
        if self.batch:
            self.handler(list(events))
        else:
            for event in events:
                self._hear_one(event)

    def _hear_one(self, event: Any) -> None:
        """What a handler does belongs to the story of the event it hears."""
        if not event.correlation_id or event.correlation_id == current_correlation():
            self.handler(event)
            return
        with correlation(event.correlation_id):
            self.handler(event)

    def wants(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.patterns)


@dataclass(frozen=True)
class Listeners:
    inline: tuple[Subscription, ...]
    after_commit: tuple[Subscription, ...]


class Registry:
    """Subscriptions by name. A name registered again replaces the earlier one, so reloading is harmless."""

    def __init__(self) -> None:
        self.by_name: dict[str, Subscription] = {}
        self._matches: dict[str, Listeners] = {}

    def add(self, subscription: Subscription) -> None:
        self.by_name[subscription.name] = subscription
        self._matches.clear()

    def remove(self, name: str) -> None:
        self.by_name.pop(name, None)
        self._matches.clear()

    def listeners(self, event_type: str) -> Listeners:
        found = self._matches.get(event_type)
        if found is None:
            found = self._matches[event_type] = self._match(event_type)
        return found

    def inline_for(self, events: Sequence[Any]) -> list[tuple[Subscription, list[Any]]]:
        """Who hears which of these events inside the transaction, in the order of the listeners."""
        heard: dict[str, tuple[Subscription, list[Any]]] = {}
        for event in events:
            for listener in self.listeners(event.type).inline:
                heard.setdefault(listener.name, (listener, []))[1].append(event)
        return sorted(heard.values(), key=lambda item: (item[0].order, item[0].name))

    def _match(self, event_type: str) -> Listeners:
        wanted = [item for item in self.by_name.values() if item.wants(event_type)]
        wanted.sort(key=lambda item: (item.order, item.name))
        return Listeners(
            tuple(item for item in wanted if item.mode == "inline"),
            tuple(item for item in wanted if item.mode == "after_commit"),
        )


registry = Registry()


def subscribe(
    types: str | Iterable[str],
    name: str,
    handler: Callable[[Any], Any],
    mode: Mode = "inline",
    *,
    order: int = 100,
    atomic: bool = True,
    batch: bool = False,
) -> Subscription:
    """Call `handler(event)` for every event whose type matches one of the globs ("case.*").

    `inline` runs inside the emitter's transaction and its error undoes the whole act. `after_commit` runs from a
    stored row, at least once, with `event.id` as the idempotency key; an error is retried with back-off. A handler
    that calls a network or a plugin says `atomic=False`: it then runs outside any transaction.

    With `batch` the handler takes a list of events and works them with few queries: those of one `emit_many`, or
    some due ones after the commit. Events of one batch may have different actors and stories, so such a handler
    names them itself; when a batch fails after the commit, its events are handed over again one by one.
    """
    if mode not in ("inline", "after_commit"):
        raise ValueError(f"{mode!r} is no mode; use inline or after_commit.")
    patterns = (types,) if isinstance(types, str) else tuple(types)
    if not patterns or not name:
        raise ValueError("A subscription needs a name and at least one type.")
    subscription = Subscription(name, patterns, handler, mode, order, atomic, batch)
    registry.add(subscription)
    return subscription


def unsubscribe(name: str) -> None:
    """Forget a listener. Rows already written for it stay until it is back or a person drops them."""
    registry.remove(name)
