"""Sites and teams."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from console.events import emit

from ..access import as_actor, can
from ..errors import NotAllowed
from ..models import Site, Team
from .sync import sync_access


def save_place(actor: Any, place: Site | Team, fields: list[str]) -> Site | Team:
    """Store a new or changed site or team; `fields` says what changed. Raises NotAllowed.

    A team that moves to another site takes its people's reach with it.
    """
    if actor is not None and not can(actor, "staff.manage"):
        raise NotAllowed
    kind = "site" if isinstance(place, Site) else "team"
    new = place.pk is None
    with transaction.atomic():
        place.full_clean()
        place.save()
        if kind == "team" and "site" in fields:
            sync_access(place.memberships.values_list("user_id", flat=True))
        emit(
            "staff:places",
            f"staff.{kind}_{'created' if new else 'changed'}",
            {"id": place.pk, "code": place.code, "fields": sorted(fields)},
            actor=as_actor(actor) if actor is not None else None,
        )
    return place
