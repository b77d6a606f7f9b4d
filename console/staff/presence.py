"""Who is here: kept in the shared cache only, never in the database."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import models
from django.utils.translation import gettext_lazy as _

HERE = 180
CHOSEN = 12 * 3600


class State(models.TextChoices):
    AVAILABLE = "available", _("available")
    BUSY = "busy", _("busy")
    BREAK = "break", _("on a break")
    OFFLINE = "offline", _("offline")


@dataclass(frozen=True)
class Presence:
    state: str
    seen_at: float | None


def _cache() -> Any:
    return caches["shared"]


def touch(user_id: int) -> None:
    """Somebody acted. Called at most once a minute for each session."""
    _cache().set(f"staff.seen:{user_id}", time.time(), HERE)


def choose(user_id: int, state: str) -> None:
    """Somebody says how they are; "available" is what being seen means anyway."""
    _cache().set(f"staff.state:{user_id}", State(state).value, CHOSEN)


def leave(user_id: int) -> None:
    _cache().delete_many([f"staff.seen:{user_id}", f"staff.state:{user_id}"])


def presence_of(user_ids: Iterable[int]) -> dict[int, Presence]:
    """How these people are, in one look at the cache."""
    ids = list(user_ids)
    found = _cache().get_many([f"staff.{what}:{pk}" for pk in ids for what in ("seen", "state")])
    answer = {}
    for pk in ids:
        seen = found.get(f"staff.seen:{pk}")
        state = found.get(f"staff.state:{pk}", State.AVAILABLE.value) if seen else State.OFFLINE.value
        answer[pk] = Presence(state, seen)
    return answer
