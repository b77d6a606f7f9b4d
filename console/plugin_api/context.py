"""What the host lends to a plugin: guarded HTTP, a clock, a log, locks and a small encrypted store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


class Secrets(Mapping[str, str]):
    """Credentials by form-field name. Reads like a mapping, prints as dots, cannot be pickled."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(f'{name}=•••' for name in sorted(self._values))})"

    def __reduce__(self) -> Any:
        raise TypeError("Secrets are not pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One configured channel account as its connector sees it.

    `ref` is stable and opaque. `config` holds the cleaned values of the connector's form without the
    secrets, as JSON keeps them; `secrets` holds the rest, with `env:` and `file:` references already
    followed.
    """

    ref: str
    name: str = ""
    address: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)
    language: str = "zh-hans"
    time_zone: str = "Asia/Shanghai"


class HttpResponse(Protocol):
    """The part of an HTTP answer a plugin may rely on."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str: ...

    def json(self) -> Any: ...


class HttpClient(Protocol):
    """HTTP with time-outs, no redirects, no private addresses, bounded answers. Network trouble raises
    `RetryLater`.

    A time-out after the request was written raises `errors.AnswerLost`: the other side may have
    acted, so `send` returns `SendResult.unknown()` for it.
    """

    def request(self, method: str, url: str, **options: Any) -> HttpResponse: ...

    def get(self, url: str, **options: Any) -> HttpResponse: ...

    def post(self, url: str, **options: Any) -> HttpResponse: ...


class Clock(Protocol):
    """Time as the host sees it; tests freeze it."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class Log(Protocol):
    """Structured log: an event word and named values. Known secrets are removed; keep personal data out."""

    def debug(self, event: str, **values: Any) -> None: ...

    def info(self, event: str, **values: Any) -> None: ...

    def warning(self, event: str, **values: Any) -> None: ...

    def error(self, event: str, **values: Any) -> None: ...


class Store(Protocol):
    """A few encrypted JSON values per account (tokens, sync state). At most 64 keys of 64 KiB; not for
    messages.
    """

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any, *, seconds: float | None = None) -> None: ...

    def delete(self, key: str) -> None: ...


@runtime_checkable
class PluginContext(Protocol):
    """Handed to a connector's `__init__`. Valid as long as the connector object lives."""

    http: HttpClient
    clock: Clock
    log: Log
    store: Store

    def lock(self, name: str, *, seconds: float = 30, wait: float = 5) -> AbstractContextManager[None]:
        """One holder of `name` per account over all processes, for at most `seconds`; `RetryLater` after
        `wait`.
        """
        ...

    def remaining(self) -> float:
        """Seconds left of the budget of the running call; ask before starting something long."""
        ...
