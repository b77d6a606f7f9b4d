"""Making, changing and stopping accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from console.events import emit

from .. import brute_force
from ..access import as_actor, can
from ..errors import NotAllowed, NotYourself
from ..models import User
from .memberships import keeping_somebody
from .sessions import end_sessions
from .sync import sync_access

EDITABLE = {
    "first_name",
    "last_name",
    "email",
    "language",
    "time_zone",
    "site",
    "staff_number",
    "job_title",
}
OWN = {"language", "time_zone", "key_bindings", "view_order"}


def create_user(actor: Any, username: str, *, password: str | None = None, **values: Any) -> User:
    """A new account without roles. Without a password it can only come in by single sign-on or a reset link.

    Raises NotAllowed, or ValidationError for a weak password.
    """
    if actor is not None and not can(actor, "staff.manage"):
        raise NotAllowed
    _known(values, EDITABLE | {"is_demo"})
    user = User(username=username, **values)
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
    else:
        user.set_unusable_password()
    with transaction.atomic():
        user.save()
        _told(user, "staff.created", actor, site_id=user.site_id)
    return user


def update_user(actor: Any, user: User, **changes: Any) -> User:
    """Change somebody's particulars. Raises NotAllowed."""
    _known(changes, EDITABLE)
    if actor is not None and not can(actor, "staff.manage", user):
        raise NotAllowed
    return _change(actor, user, changes)


def set_preferences(user: User, **changes: Any) -> User:
    """Language, time zone, keys and the order of views, chosen by the person themselves."""
    _known(changes, OWN)
    return _change(user, user, changes)


def _change(actor: Any, user: User, changes: dict[str, Any]) -> User:
    fields = sorted(name for name, value in changes.items() if getattr(user, name) != value)
    if not fields:
        return user
    with transaction.atomic():
        for name in fields:
            setattr(user, name, changes[name])
        user.save(update_fields=fields)
        if "site" in fields:
            sync_access([user.pk])
            user.refresh_from_db(fields=["access_version", "is_staff"])
        _told(user, "staff.changed", actor, fields=fields)
    return user


def suspend(actor: Any, user: User) -> None:
    """Stop an account for a while: no sign-in, no session, work stays. Raises NotAllowed, NotYourself."""
    _check(actor, user)
    with transaction.atomic():
        with keeping_somebody():
            user.is_active = False
            user.save(update_fields=["is_active"])
        end_sessions(None, user)
        _told(user, "staff.suspended", actor)


def unsuspend(actor: Any, user: User) -> None:
    """Let a suspended account in again; somebody who left and came back, too. Raises NotAllowed, NotYourself."""
    _check(actor, user)
    with transaction.atomic():
        user.is_active, user.left_at = True, None
        user.save(update_fields=["is_active", "left_at"])
        sync_access([user.pk])
        _told(user, "staff.unsuspended", actor)


def unlock(actor: Any, user: User) -> int:
    """Forget failed sign-ins so that somebody may try again at once. Raises NotAllowed."""
    if actor is not None and not (can(actor, "staff.manage", user) or can(actor, "staff.sessions", user)):
        raise NotAllowed
    with transaction.atomic():
        count = brute_force.forget(user)
        _told(user, "staff.unlocked", actor, failures=count)
    return count


def _check(actor: Any, user: User) -> None:
    if actor is None:
        return
    if actor.pk == user.pk:
        raise NotYourself
    if not can(actor, "staff.manage", user):
        raise NotAllowed


def _known(values: dict[str, Any], allowed: set[str]) -> None:
    unknown = set(values) - allowed
    if unknown:
        raise TypeError(f"no such field: {', '.join(sorted(unknown))}")


def _told(user: User, type_: str, actor: Any, **data: Any) -> None:
    emit(
        f"staff:{user.pk}",
        type_,
        {"user_id": user.pk, **data},
        actor=as_actor(actor) if actor is not None else None,
    )
