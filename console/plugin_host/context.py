"""The `ctx` a plugin gets. Whatever touches the database is done by the caller that waits for the plugin."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from console.plugin_api.errors import RetryLater

from . import runner
from .http import PluginHttp
from .models import PluginLease, PluginStored
from .redact import Redactor
from .threads import ask_caller

MAX_KEYS = 64
MAX_VALUE = 64 * 1024
MAX_NAME = 120
LOG_LINES = 200  # a minute
LOCK_LOOK_SECONDS = 0.1
LONGEST_LOCK = 300.0


class HostClock:
    """Real time."""

    def now(self) -> datetime:
        return timezone.now()

    def monotonic(self) -> float:
        return time.monotonic()


class HostLog:
    """Lines of one plugin in the house's log, without secrets, and not without end."""

    def __init__(self, plugin: str, redactor: Redactor) -> None:
        self._log = structlog.get_logger(f"huiyin.plugins.{plugin}")
        self._redactor = redactor
        self._left, self._since = LOG_LINES, time.monotonic()

    def _write(self, level: str, event: str, values: dict[str, Any]) -> None:
        if time.monotonic() - self._since > 60:
            self._left, self._since = LOG_LINES, time.monotonic()
        self._left -= 1
        if self._left < 0:
            return
        if self._left == 0:
            level, event, values = "warning", "plugin_log_flood", {}
        clean = {f"plugin_{name}"[:60]: self._redactor.value(value) for name, value in values.items()}
        getattr(self._log, level)(self._redactor.text(str(event), 200), **clean)

    def debug(self, event: str, **values: Any) -> None:
        self._write("debug", event, values)

    def info(self, event: str, **values: Any) -> None:
        self._write("info", event, values)

    def warning(self, event: str, **values: Any) -> None:
        self._write("warning", event, values)

    def error(self, event: str, **values: Any) -> None:
        self._write("error", event, values)


class HostStore:
    """`ctx.store`: encrypted rows of this plugin and instance."""

    def __init__(self, plugin: str, instance: str) -> None:
        self._place = {"plugin": plugin, "instance": instance}

    def get(self, key: str, default: Any = None) -> Any:
        return ask_caller(lambda: self._get(_name(key), default))

    def set(self, key: str, value: Any, *, seconds: float | None = None) -> None:
        text = json.dumps(value)
        if len(text) > MAX_VALUE:
            raise ValueError(f"A stored value may have {MAX_VALUE} characters of JSON, not {len(text)}.")
        until = None if seconds is None else timezone.now() + timedelta(seconds=float(seconds))
        ask_caller(lambda: self._set(_name(key), json.loads(text), until))

    def delete(self, key: str) -> None:
        ask_caller(lambda: self._rows(_name(key)).delete())

    def _rows(self, key: str) -> Any:
        return PluginStored.objects.filter(**self._place, key=key)

    def _get(self, key: str, default: Any) -> Any:
        row = self._rows(key).first()
        if row is None or (row.expires_at is not None and row.expires_at <= timezone.now()):
            return default
        return row.value

    def _set(self, key: str, value: Any, until: datetime | None) -> None:
        others = PluginStored.objects.filter(**self._place).exclude(key=key)
        if others.count() >= MAX_KEYS:
            others.filter(expires_at__lte=timezone.now()).delete()
            if others.count() >= MAX_KEYS:
                raise ValueError(f"A plugin may store {MAX_KEYS} keys for one account.")
        PluginStored.objects.update_or_create(**self._place, key=key, defaults={"value": value, "expires_at": until})


def _name(key: str) -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_NAME:
        raise ValueError(f"A name must be a text of 1 to {MAX_NAME} characters.")
    return str.__str__(key)


class HostContext:
    """Implements `console.plugin_api.context.PluginContext`."""

    def __init__(self, plugin: str, instance: str, redactor: Redactor) -> None:
        self._place = {"plugin": plugin, "instance": instance}
        self.clock = HostClock()
        self.log = HostLog(plugin, redactor)
        self.store = HostStore(plugin, instance)
        self.http = PluginHttp(self.remaining)

    def remaining(self) -> float:
        """Seconds left of the running call's budget."""
        end = runner.deadline.get()
        return runner.LONGEST_BUDGET if end is None else max(end - time.monotonic(), 0.0)

    @contextmanager
    def lock(self, name: str, *, seconds: float = 30, wait: float = 5) -> Iterator[None]:
        """A lease row: one holder over all processes, gone by itself after `seconds` if its holder dies."""
        name, holder = _name(name), uuid4().hex
        lease = min(max(float(seconds), 1.0), LONGEST_LOCK)
        until = time.monotonic() + min(float(wait), self.remaining())
        while not ask_caller(lambda: self._take(name, holder, lease)):
            if time.monotonic() >= until:
                raise RetryLater(lease, f"{name} is locked")
            time.sleep(LOCK_LOOK_SECONDS)
        try:
            yield
        finally:
            ask_caller(lambda: PluginLease.objects.filter(**self._place, name=name, holder=holder).delete())

    def _take(self, name: str, holder: str, seconds: float) -> bool:
        now = timezone.now()
        end = now + timedelta(seconds=seconds)
        rows = PluginLease.objects.filter(**self._place, name=name)
        if rows.filter(until__lte=now).update(holder=holder, until=end):
            return True
        if rows.exists():
            return False
        try:
            with transaction.atomic():
                PluginLease.objects.create(**self._place, name=name, holder=holder, until=end)
        except IntegrityError:
            return False
        return True
