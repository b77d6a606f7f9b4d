"""What a condition would find, without reading a whole large table."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .compile import to_q
from .context import Context
from .subject import Subject

WINDOW = 1000


@dataclass(frozen=True)
class Preview:
    """`matched` of the `looked_at` newest rows."""

    matched: int
    looked_at: int

    def __str__(self) -> str:
        return _("matches %(matched)s of the last %(looked_at)s") % {
            "matched": f"{self.matched:,}",
            "looked_at": f"{self.looked_at:,}",
        }


def preview(
    tree: Any, subject: Subject, queryset: QuerySet | None = None, context: Context | None = None, window: int = WINDOW
) -> Preview:
    """How many of the newest `window` rows match. Raises ConditionRefused."""
    rows = queryset if queryset is not None else subject.model._default_manager.all()
    test = to_q(tree, subject, context)
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:window])
    matched = subject.model._default_manager.filter(pk__in=newest).filter(test).count() if newest else 0
    return Preview(matched, len(newest))


def capped_count(queryset: QuerySet, cap: int = WINDOW) -> int:
    """The number of rows, but never more than `cap + 1` are looked at: `cap + 1` means "more than cap"."""
    return queryset.order_by().values("pk")[: cap + 1].count()
