"""Customers who come again: the earlier case within the window, and why they came, asked of whoever answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ..config import spec_of
from ..models import Case, CaseLink, Limit, RepeatReason
from .base import CaseError, changing, demand, record, who

# What a type says that has no row of its own; a row with 0 asks never.
DAYS = 7
# These came about by an act here; the customer did not come again.
OURS = (CaseLink.Kind.SPLIT, CaseLink.Kind.RECHECK, CaseLink.Kind.CHILD)

# Beside a case read for its page: whether its customer had any matter before; most had none, and nobody asks further.
CAME_BEFORE = Exists(
    Case.objects.filter(
        customer_id=OuterRef("customer_id"), opened_at__lt=OuterRef("opened_at"), merged_into=None, set_aside=""
    ).order_by()
)


def window_of(case: Case) -> timedelta:
    """How long after an earlier matter a contact counts as a repeat, by the type's own limit."""
    limit = spec_of(case.version).limit(Limit.Kind.REPEAT_DAYS)
    return timedelta(days=DAYS if limit is None else limit.amount)


def earlier_contact(case: Case, user: Any) -> Case | None:
    """The customer's latest other matter within the window before this one, as far as this person may see it."""
    window = window_of(case)
    if not case.customer_id or not window:
        return None
    since = case.reached_at - window
    near = Q(opened_at__gte=since) | Q(last_inbound_at__gte=since) | Q(resolved_at__gte=since)
    ours = CaseLink.objects.filter(case=case, kind__in=OURS)
    rows = Case.objects.visible_to(user).filter(
        near, customer_id=case.customer_id, opened_at__lt=case.opened_at, merged_into=None, set_aside=""
    )
    rows = rows.exclude(pk__in=ours.values("other_id")).select_related("version__type").defer("version__body")
    return rows.order_by("-opened_at", "-id").first()


def say_repeat(case: Case, earlier: Case, reason: str, actor: Any = None, *, revision: int | None = None) -> Case:
    """Record why the customer came again; emits `case.repeat`. Saying it again corrects it.

    Raises CaseError for another customer's case or an unknown reason, Stale, NotAllowed.
    """
    by = who(actor)
    demand(by, "case.work", case)
    if reason not in RepeatReason.values:
        raise CaseError("unknown_reason", _("There is no such reason."), field="reason")
    if earlier.pk == case.pk or earlier.customer_id != case.customer_id or not case.customer_id:
        raise CaseError("not_earlier", _("This is no earlier case of the same customer."), field="earlier")
    with changing(case, revision) as row:
        before = row.repeat_reason
        row.repeat_of, row.repeat_reason = earlier, reason
        record(row, "case.repeat", by, earlier_id=earlier.pk, reason=reason, before=before)
    return case
