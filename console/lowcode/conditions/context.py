"""For whom and at what moment a tree is read: what @me, @my_team, @now and @today stand for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone


@dataclass(frozen=True)
class Context:
    """Without a user, tests against @me and @my_team are absent, so they are false and their `not` is true."""

    user_id: int | None = None
    team_ids: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    now: datetime = field(default_factory=timezone.now)

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()


def _plain(user: Any) -> Context:
    return Context(user_id=user.pk)


_provider: Callable[[Any], Context] = _plain


def set_context_provider(provider: Callable[[Any], Context]) -> None:
    """The staff room says how to read a user's teams and roles. Called from AppConfig.ready()."""
    global _provider
    _provider = provider


def context_for(user: Any) -> Context:
    """The context of a signed-in user; an empty one for nobody."""
    if user is None or not getattr(user, "pk", None):
        return Context()
    return _provider(user)
