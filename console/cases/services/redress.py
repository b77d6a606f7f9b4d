"""What was done to put it right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from ..config import spec_of
from ..models import Case, Choice, Redress
from .base import CaseError, changing, demand, record, who


def add_redress(
    case: Case, kind: str, actor: Any = None, *, amount: Decimal | None = None, currency: str = "CNY", note: str = ""
) -> Redress:
    """Record one piece of redress; emits `case.redress_added`. Raises NotAllowed, CaseError for an unknown kind."""
    by = who(actor)
    with changing(case) as row:
        demand(by, "case.redress", row)
        if spec_of(row.version).choice(Choice.Kind.REDRESS, kind) is None:
            raise CaseError("unknown_choice", _("This is not on the list."), field="kind")
        if amount is not None and amount < 0:
            raise CaseError("negative", _("The amount cannot be below zero."), field="amount")
        made = Redress.objects.create(
            case=row, kind=kind, amount=amount, currency=currency, note=note[:300], recorded_by=by.user
        )
        record(row, "case.redress_added", by, redress_id=made.pk, kind=kind)
    return made
