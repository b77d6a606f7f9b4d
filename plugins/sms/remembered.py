"""Numbers of sends whose answer was lost, kept a few days: with them the provider can be asked what became of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.plugin_api.context import PluginContext

NAME = "unknown"
KEPT = timedelta(days=3)
MOST = 400


@dataclass(frozen=True, slots=True)
class Lost:
    """To whom, and when."""

    number: str
    at: datetime


def remember(ctx: PluginContext, key: str, number: str) -> None:
    """Called when an answer is lost, before anything else can go wrong."""
    with ctx.lock("remember", seconds=10, wait=3):
        now = ctx.clock.now()
        rows = {
            name: row
            for name, row in (ctx.store.get(NAME) or {}).items()
            if datetime.fromisoformat(row[1]) > now - KEPT
        }
        rows[key] = [number, now.isoformat()]
        ctx.store.set(NAME, dict(list(rows.items())[-MOST:]), seconds=KEPT.total_seconds())


def recall(ctx: PluginContext, key: str) -> Lost | None:
    """What was kept of a send."""
    row = (ctx.store.get(NAME) or {}).get(key)
    return Lost(row[0], datetime.fromisoformat(row[1])) if row else None
