"""Which cases somebody may see: by site, team and owner, and those a task invited them to."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from console.staff.scopes import Scope, ScopedQuerySet


class CaseQuerySet(ScopedQuerySet):
    """Cases, as a person may see them. What an interest hides is in `hiding`."""

    def also_visible(self, user: Any, scope: Scope) -> Q:
        """Cases somebody takes part in are open to them, whatever their reach."""
        from .models import Participant

        return Q(pk__in=Participant.objects.filter(user_id=user.pk).values("case_id"))

    def open(self) -> CaseQuerySet:
        return self.filter(is_open=True)
