"""A calendar was corrected: every open case that counts by it is computed again, in batches that can be resumed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from console.foundation.work import ring

from .. import config
from ..models import Case, Recompute
from .base import changing
from .deadlines import refresh

PUMP = "cases.recompute"
BATCH = 100


def plan(calendar: Any = None, reason: str = "") -> Recompute:
    """Plan a run over open cases, all of them or those of one calendar; a run not finished yet starts over."""
    config.forget()
    with transaction.atomic():
        run = Recompute.objects.filter(calendar=calendar, finished_at=None).first()
        if run is None:
            run = Recompute.objects.create(calendar=calendar, reason=reason[:200])
        else:
            Recompute.objects.filter(pk=run.pk).update(cursor=0, done=0)
        ring(PUMP)
    return run


def unfinished() -> QuerySet[Recompute]:
    """Runs with cases left, for the sweeper: a run is due from the moment it was planned."""
    return Recompute.objects.filter(finished_at=None).annotate(next_attempt_at=F("created_at"))


def drain() -> int:
    """One batch of the oldest unfinished run; how many cases were computed. The pump `cases.recompute`."""
    run = Recompute.objects.filter(finished_at=None).order_by("created_at").first()
    if run is None:
        return 0
    cases = Case.objects.filter(is_open=True, pk__gt=run.cursor).order_by("pk")
    if run.calendar_id:
        cases = cases.filter(version__calendar_id=run.calendar_id)
    batch = list(cases[:BATCH])
    changed = sum(_one(case) for case in batch)
    cursor = batch[-1].pk if batch else run.cursor
    # The cursor moves only from where this batch began: a run that was started over meanwhile stays started over.
    rows = Recompute.objects.filter(pk=run.pk, cursor=run.cursor)
    finished = None if len(batch) == BATCH else timezone.now()
    rows.update(cursor=cursor, done=run.done + len(batch), changed=run.changed + changed, finished_at=finished)
    return len(batch)


def _one(case: Case) -> int:
    with changing(case) as row:
        return int(refresh(row, config.spec_of(row.version)))
