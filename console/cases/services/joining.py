"""Matters that belong together: links, merging a duplicate, splitting it off again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..config import spec_of
from ..models import Case, CaseConversation, CaseLink, StateInterval, TurnOf
from . import deadlines
from .base import CaseError, changing, demand, record, who
from .reminders import lay_down, take_up

Kind = CaseLink.Kind


def link(case: Case, other: Case, kind: str = Kind.RELATED, actor: Any = None) -> CaseLink:
    """Say how two cases belong together; emits `case.linked`. Raises CaseError for a case with itself."""
    by = who(actor)
    demand(by, "case.merge", case)
    if case.pk == other.pk:
        raise CaseError("itself", _("A case cannot be linked to itself."))
    with transaction.atomic():
        made, fresh = CaseLink.objects.get_or_create(case=case, other=other, kind=kind)
        if fresh:
            record(case, "case.linked", by, other_id=other.pk, kind=kind)
    return made


def unlink(made: CaseLink, actor: Any = None) -> None:
    """Take a link away; emits `case.unlinked`. A duplicate is unmerged, not unlinked."""
    by = who(actor)
    demand(by, "case.merge", made.case)
    if made.kind == Kind.DUPLICATE:
        raise CaseError("merged", _("These cases are merged."), allowed=_("Split them instead."))
    with transaction.atomic():
        record(made.case, "case.unlinked", by, other_id=made.other_id, kind=made.kind)
        made.delete()


def merge(duplicate: Case, into: Case, actor: Any = None) -> Case:
    """The same matter twice: the duplicate ends and its conversations continue in `into`. `unmerge` undoes it.

    Emits `case.merged` in both streams. Raises CaseError across customers' chains that would close a circle.
    """
    by = who(actor)
    first, second = sorted((duplicate, into), key=lambda item: item.pk)
    with changing(first) as one, changing(second) as two:
        source, target = (one, two) if one.pk == duplicate.pk else (two, one)
        demand(by, "case.merge", source)
        demand(by, "case.merge", target)
        _may_merge(source, target)
        moved = _move_conversations(source, target)
        CaseLink.objects.get_or_create(case=source, other=target, kind=Kind.DUPLICATE)
        source.merged_into = target
        leave_work(source)
        record(source, "case.merged", by, into_id=target.pk, conversations=moved)
        record(target, "case.merged", by, duplicate_id=source.pk, conversations=moved)
    into.refresh_from_db()
    duplicate.refresh_from_db()
    return into


def _may_merge(source: Case, target: Case) -> None:
    if source.pk == target.pk:
        raise CaseError("itself", _("A case cannot be merged with itself."))
    if source.merged_into_id or target.merged_into_id:
        raise CaseError("merged", _("One of these cases is merged already."))
    if source.customer_id != target.customer_id:
        raise CaseError(
            "customers",
            _("These cases are of different customers."),
            allowed=_("Link them instead."),
        )


def _move_conversations(source: Case, target: Case) -> list[int]:
    ids = list(CaseConversation.objects.filter(case=source).values_list("conversation_id", flat=True))
    known = set(CaseConversation.objects.filter(case=target).values_list("conversation_id", flat=True))
    fresh = [pk for pk in ids if pk not in known]
    CaseConversation.objects.bulk_create(
        [CaseConversation(case=target, conversation_id=pk, merged_from=source) for pk in fresh]
    )
    return fresh


def leave_work(case: Case) -> None:
    """Out of every queue without passing through the workflow: state and history stay for the way back."""
    now = timezone.now()
    StateInterval.objects.filter(case=case, ended_at=None, revoked_at=None).update(ended_at=now)
    StateInterval.objects.create(case=case, state=case.state, state_class="closed", started_at=now, cause="aside")
    lay_down(case, now)
    case.is_open, case.turn = False, TurnOf.NOBODY
    deadlines.refresh(case, spec_of(case.version), now)
    case.next_check_at = None


def back_to_work(case: Case) -> None:
    """Undo `leave_work`: the time aside never happened, and the clocks say so."""
    spec = spec_of(case.version)
    aside = StateInterval.objects.filter(case=case, cause="aside", revoked_at=None).order_by("-id").first()
    if aside is not None:
        StateInterval.objects.filter(pk=aside.pk).update(revoked_at=timezone.now(), ended_at=timezone.now())
        take_up(case, aside.started_at)
        before = StateInterval.objects.filter(case=case, revoked_at=None).order_by("-started_at", "-id").first()
        if before is not None:
            StateInterval.objects.filter(pk=before.pk).update(ended_at=None)
    deadlines.set_state(case, spec, case.state)
    case.turn = TurnOf.STAFF if case.is_open else TurnOf.NOBODY
    deadlines.refresh(case, spec)


def unmerge(duplicate: Case, actor: Any = None) -> Case:
    """Take the merge back: conversations return, the case continues where it stood. Emits `case.unmerged`."""
    by = who(actor)
    target = duplicate.merged_into
    if target is None:
        raise CaseError("not_merged", _("This case is not merged."))
    with changing(duplicate) as source:
        demand(by, "case.merge", source)
        CaseConversation.objects.filter(case=target, merged_from=source).delete()
        CaseLink.objects.filter(case=source, other=target, kind=Kind.DUPLICATE).delete()
        source.merged_into = None
        back_to_work(source)
        record(source, "case.unmerged", by, from_id=target.pk)
        record(target, "case.unmerged", by, duplicate_id=source.pk)
    return duplicate
