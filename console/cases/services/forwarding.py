"""What a regulator forwarded: its number, its own deadline, and the answer to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.text import clean

from .. import search
from ..config import spec_of
from ..models import Case, Fact, Forwarding
from . import deadlines
from .base import CaseError, changing, demand, record, who


def record_forwarding(
    case: Case,
    authority: str,
    number: str,
    actor: Any = None,
    *,
    reached_at: datetime | None = None,
    answer_by: datetime | None = None,
) -> Forwarding:
    """A regulator sent this matter on; its clock starts when it reached us. Emits `case.forwarded`.

    `answer_by` is the date the regulator wrote; without one the type's own clock counts. Raises CaseError without
    authority or number, or when that item is on file already (it names the case); NotAllowed.
    """
    by = who(actor)
    now = timezone.now()
    at = min(reached_at or now, now)
    authority, number = clean(authority).strip()[:120], clean(number).strip()[:60]
    if not authority or not number:
        raise CaseError("number_needed", _("Give the regulator and its number."), field="number")
    with changing(case) as row:
        demand(by, "case.work", row)
        _refuse_known(authority, number)
        try:
            with transaction.atomic():
                made = Forwarding.objects.create(
                    case=row,
                    authority=authority,
                    number=number,
                    reached_at=at,
                    answer_by=answer_by,
                    recorded_by=by.user,
                )
        except IntegrityError:
            _refuse_known(authority, number)
            raise
        row.set_beside("forwardings")
        deadlines.mark(row, Fact.FORWARDED, at, f"forwarding:{made.pk}")
        deadlines.refresh(row, spec_of(row.version), now)
        search.stale(row)
        record(row, "case.forwarded", by, forwarding_id=made.pk)
    return made


def _refuse_known(authority: str, number: str) -> None:
    known = Forwarding.objects.filter(authority=authority, number=number).select_related("case").first()
    if known is not None:
        raise CaseError(
            "known",
            _("This item is on file in case %(number)s.") % {"number": known.case.number},
            allowed=_("Open that case, or link the two."),
            field="number",
        )


def answer_regulator(
    forwarding: Forwarding, actor: Any = None, *, answered_on: date | None = None, reference: str = ""
) -> Forwarding:
    """The regulator has its answer: its clock is met. Emits `case.regulator_answered`. Raises CaseError, NotAllowed."""
    by = who(actor)
    day = answered_on or timezone.localdate()
    with changing(forwarding.case) as row:
        demand(by, "case.work", row)
        fresh = Forwarding.objects.select_for_update(of=("self",)).get(pk=forwarding.pk)
        if fresh.answered_on is not None:
            raise CaseError("answered", _("This item was answered already."))
        if not timezone.localdate(fresh.reached_at) <= day <= timezone.localdate():
            raise CaseError("day", _("The answer was between the day it came and today."), field="answered_on")
        fresh.answered_on, fresh.answer_reference = day, reference.strip()[:60]
        fresh.save(update_fields=["answered_on", "answer_reference"])
        if not row.forwardings.filter(answered_on=None).exists():
            deadlines.mark(row, Fact.REGULATOR_ANSWERED, _moment(day), f"forwarding:{fresh.pk}")
        deadlines.refresh(row, spec_of(row.version))
        record(row, "case.regulator_answered", by, forwarding_id=fresh.pk)
    forwarding.refresh_from_db()
    return forwarding


def _moment(day: date) -> datetime:
    """Now for today; the end of its day for an earlier one."""
    now = timezone.now()
    if day == timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(day, datetime.max.time().replace(microsecond=0)))
