"""Which cases somebody may see: by site, team and owner, and those a task invited them to."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from console.staff.scopes import Scope, ScopedQuerySet


class CaseQuerySet(ScopedQuerySet):
    """Cases, as a person may see them."""

    def visible_to(self, user: Any, permission: str | None = None) -> CaseQuerySet:
        """As everywhere, but for matters hidden from somebody because of their interest in them."""
        from .models import Interest

        rows = super().visible_to(user, permission)
        hidden = (
            Interest.objects.filter(user_id=user.pk, hides=True, ended_at=None) if user.pk else Interest.objects.none()
        )
        return rows.exclude(pk__in=hidden.values("case_id"))

    def also_visible(self, user: Any, scope: Scope) -> Q:
        """Cases somebody takes part in are open to them, whatever their reach."""
        from .models import Participant

        return Q(pk__in=Participant.objects.filter(user_id=user.pk).values("case_id"))

    def open(self) -> CaseQuerySet:
        return self.filter(is_open=True)
