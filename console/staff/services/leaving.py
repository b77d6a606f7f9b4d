"""Somebody leaves: their sign-in ends at once, their open work goes to a colleague, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events import emit

from ..access import as_actor, can
from ..errors import NotAllowed, NotYourself, StaffRefusal
from ..models import User
from ..permissions import Text
from .memberships import keeping_somebody
from .sessions import end_sessions


@dataclass(frozen=True)
class OpenWork:
    """One kind of work that can be open at somebody, as the room that owns it counts it."""

    name: str
    label: Text
    count: Callable[[User], int]


_kinds: dict[str, OpenWork] = {}


def register_open_work(name: str, label: Text, count: Callable[[User], int]) -> None:
    """Called from AppConfig.ready() by rooms that give people work: what will move when somebody leaves.

    The room moves it in an inline subscriber of `staff.left` (data: user_id, to_id).
    """
    _kinds[name] = OpenWork(name, label, count)


@dataclass(frozen=True)
class Moving:
    label: Text
    count: int


def preview_hand_over(user: User) -> list[Moving]:
    """What will move, kind by kind; kinds without open work are left out."""
    counted = [Moving(kind.label, kind.count(user)) for kind in _kinds.values()]
    return [item for item in counted if item.count]


def hand_over(user: User, to: User, actor: Any) -> None:
    """End an account and hand its open work to a colleague.

    Sessions end, the password stops working, API tokens are revoked and work moves by the subscribers of
    `staff.left` in the same transaction. Raises NotAllowed, NotYourself, LastAdministrator, or StaffRefusal
    when the colleague cannot take it.
    """
    if actor is not None:
        if actor.pk == user.pk:
            raise NotYourself
        if not can(actor, "staff.hand_over", user):
            raise NotAllowed
    if to.pk == user.pk or not to.is_active or to.left_at is not None:
        raise StaffRefusal(_("Choose an active colleague to take over."))
    with transaction.atomic():
        with keeping_somebody():
            user.is_active, user.left_at = False, timezone.now()
            user.set_unusable_password()
            user.save(update_fields=["is_active", "left_at", "password"])
        end_sessions(None, user)
        emit(
            f"staff:{user.pk}",
            "staff.left",
            {"user_id": user.pk, "to_id": to.pk},
            actor=as_actor(actor) if actor is not None else None,
        )
