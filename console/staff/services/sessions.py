"""Where somebody is signed in, and ending that."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction

from console.events import emit

from ..access import as_actor, can
from ..errors import NotAllowed
from ..models import User


def sessions_of(user: User) -> list[UserSession]:
    """Sessions that still live, newest first; dead rows are cleared on the way."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.created_at, reverse=True)


def end_session(actor: Any, session: UserSession) -> None:
    """End one session: one's own, or with staff.sessions a colleague's within scope. Raises NotAllowed."""
    _may(actor, session.user)
    _end(actor, session.user, [session])


def end_other_sessions(user: User, keep: str | None) -> int:
    """End all of somebody's sessions but the one they are using."""
    others = [session for session in sessions_of(user) if session.session_key != keep]
    return _end(user, user, others)


def end_sessions(actor: Any, user: User) -> int:
    """End every session of somebody. `actor` None for services that have checked."""
    _may(actor, user)
    return _end(actor, user, list(UserSession.objects.filter(user=user)))


def _may(actor: Any, user: User) -> None:
    if actor is None or actor.pk == user.pk:
        return
    if not (can(actor, "staff.sessions", user) or can(actor, "staff.manage", user)):
        raise NotAllowed


def _end(actor: Any, user: User, sessions: list[UserSession]) -> int:
    if not sessions:
        return 0
    with transaction.atomic():
        ids = [session.pk for session in sessions]
        for session in sessions:
            session.end()
        emit(
            f"staff:{user.pk}",
            "staff.sessions_ended",
            {"user_id": user.pk, "session_ids": ids},
            actor=as_actor(actor) if actor is not None else None,
        )
    return len(ids)
