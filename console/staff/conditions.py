"""What @me and @my_team stand for when a condition is read for a member of staff."""

from typing import Any

from console.lowcode import conditions
from console.lowcode.conditions import Context

from .access import access_of, is_known


def context_of(user: Any) -> Context:
    """The person, the teams of their memberships, and their roles; from the cache, without a query."""
    if not is_known(user):
        return Context(user_id=getattr(user, "pk", None))
    access = access_of(user)
    teams = sorted({grant.team_id for grant in access.current() if grant.team_id})
    return Context(user_id=user.pk, team_ids=tuple(teams), roles=tuple(sorted(access.roles())))


def register() -> None:
    """Called from AppConfig.ready()."""
    conditions.set_context_provider(context_of)
