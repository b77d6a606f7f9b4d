"""Who acts and which story it belongs to, carried along without passing it through every call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from console.foundation.ids import uuid7
from console.foundation.logging import bound

ACTOR_KINDS = ("staff", "customer", "system", "plugin", "api")


@dataclass(frozen=True)
class Actor:
    """Who did it. `id` is a primary key or slug as text; `label` a sign-in name or slug, never a customer's name."""

    kind: str
    id: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ACTOR_KINDS:
            raise ValueError(f"{self.kind!r} is no kind of actor; kinds are {', '.join(ACTOR_KINDS)}.")
        object.__setattr__(self, "id", str(self.id))

    def __str__(self) -> str:
        return f"{self.kind}:{self.label or self.id}" if self.id or self.label else self.kind


SYSTEM = Actor("system")
_actor: ContextVar[Actor] = ContextVar("huiyin_actor", default=SYSTEM)
_correlation: ContextVar[str] = ContextVar("huiyin_correlation", default="")


def current_actor() -> Actor:
    """The actor of the innermost `acting_as`; the system where nobody said."""
    return _actor.get()


def current_correlation() -> str:
    """The correlation id of the innermost `correlation`; "" outside any."""
    return _correlation.get()


def new_correlation_id() -> str:
    return uuid7().hex


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Events emitted inside carry this actor unless they name another."""
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


@contextmanager
def correlation(correlation_id: str = "") -> Iterator[str]:
    """Events emitted and lines logged inside carry this id: one story from envelope to delivery. Without one, a new
    id is made."""
    value = correlation_id or new_correlation_id()
    token = _correlation.set(value)
    try:
        with bound(correlation=value):
            yield value
    finally:
        _correlation.reset(token)
