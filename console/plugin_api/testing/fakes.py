"""Doubles for what the host lends: every one behaves as the contract says and remembers what was asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from console.plugin_api.errors import RetryLater

START = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


class FrozenClock:
    """Time that moves only when told."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


class RecordingLog:
    """Keeps each line as one text."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def _keep(self, event: str, **values: Any) -> None:
        self.lines.append(f"{event} {values!r}")

    debug = info = warning = error = _keep


class MemoryStore:
    """`ctx.store` in memory, with expiry by the clock and JSON as the real one."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.values: dict[str, tuple[str, datetime | None]] = {}

    def get(self, key: str, default: Any = None) -> Any:
        text, until = self.values.get(key, ("", None))
        gone = not text or (until is not None and until <= self.clock.now())
        return default if gone else json.loads(text)

    def set(self, key: str, value: Any, *, seconds: float | None = None) -> None:
        until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        self.values[key] = (json.dumps(value), until)

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


@dataclass
class FakeResponse:
    """A canned HTTP answer."""

    status_code: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Asked:
    """One request a plugin made."""

    method: str
    url: str
    options: dict[str, Any]


Answer = FakeResponse | Exception | Callable[[Asked], Any]


class FakeHttp:
    """`ctx.http` with prepared answers, first come first served per method and URL beginning.

    fake_http.on("POST", "https://api.example/", status=429, headers={"Retry-After": "7"})
    fake_http.on("POST", "https://api.example/", raises=AnswerLost())
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: list[tuple[str, str, Answer]] = []

    def on(
        self,
        method: str,
        url: str,
        *,
        status: int = 200,
        body: Any = b"",
        headers: Mapping[str, str] | None = None,
        raises: Exception | None = None,
    ) -> None:
        """Prepare one answer; `body` may be bytes, text or JSON-able."""
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        self._answers.append((method, url, raises or FakeResponse(status, body, dict(headers or {}))))

    def request(self, method: str, url: str, **options: Any) -> FakeResponse:
        """The next prepared answer; a request nobody prepared is a mistake of the test."""
        self.asked.append(Asked(method, url, options))
        for index, (wanted, beginning, answer) in enumerate(self._answers):
            if wanted == method and url.startswith(beginning):
                del self._answers[index]
                if isinstance(answer, Exception):
                    raise answer
                return answer
        raise AssertionError(f"No answer was prepared for {method} {url}.")

    def get(self, url: str, **options: Any) -> FakeResponse:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> FakeResponse:
        return self.request("POST", url, **options)


class FakeContext:
    """Implements `PluginContext`; `held` names locks somebody else holds, `budget` is what `remaining` says."""

    def __init__(self, clock: FrozenClock | None = None, http: FakeHttp | None = None) -> None:
        self.clock = clock or FrozenClock()
        self.http = http or FakeHttp()
        self.log = RecordingLog()
        self.store = MemoryStore(self.clock)
        self.held: set[str] = set()
        self.budget = 30.0

    @contextmanager
    def lock(self, name: str, *, seconds: float = 30, wait: float = 5) -> Iterator[None]:
        """Never waits: a held lock is refused at once."""
        if name in self.held:
            raise RetryLater(seconds, f"{name} is locked")
        self.held.add(name)
        try:
            yield
        finally:
            self.held.discard(name)

    def remaining(self) -> float:
        return self.budget


def context_for(clock: FrozenClock | None = None, http: FakeHttp | None = None) -> FakeContext:
    """A fresh context."""
    return FakeContext(clock, http)
