"""Which cases somebody may see: by site, team and owner, those a task invited them to, and those of their products."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from console.staff.scopes import Scope, ScopedQuerySet


def asked_to(user: Any) -> QuerySet:
    """Keys of the cases a task or an invitation opens to this person."""
    from .models import Participant

    return Participant.objects.filter(user_id=user.pk).values("case_id")


def of_products(user: Any) -> QuerySet:
    """Keys of the cases that stand under a product this person answers for."""
    from .models import CategoryIndex, ProductOwner

    codes = ProductOwner.objects.filter(user_id=user.pk).order_by().values("code")
    return CategoryIndex.objects.filter(field=f"category.{ProductOwner.DIMENSION}", text__in=codes).values("case_id")


class CaseQuerySet(ScopedQuerySet):
    """Cases, as a person may see them. What an interest hides is in `hiding`."""

    def also_visible(self, user: Any, scope: Scope) -> Q:
        """Cases somebody takes part in, and those of their products, are open to them, whatever their reach."""
        return Q(pk__in=asked_to(user)) | Q(pk__in=of_products(user))

    def open(self) -> CaseQuerySet:
        return self.filter(is_open=True)
