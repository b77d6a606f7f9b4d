"""Recusal: whoever has an interest in a matter does not own, decide, approve or re-check it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .. import search
from ..config import spec_of
from ..models import Approval, Case, Interest, Participant, Task
from .base import CaseError, NotAllowed, Who, changing, demand, record, who


def declare_interest(case: Case, user: Any, reason: str, actor: Any = None, *, revision: int | None = None) -> Interest:
    """Keep a colleague out of the matter; emits `case.recused`. Their ownership, tasks and requests end.

    Everybody declares their own; another's needs `case.recuse`. Raises CaseError without a reason or when it stands
    already, NotAllowed, Stale.
    """
    by = who(actor)
    if not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")
    with changing(case, revision) as row:
        demand(by, "case.task" if by.user_id == user.pk else "case.recuse", row)
        if user.pk in (row.recused or []):
            raise CaseError("recused", _("This colleague keeps out of the matter already."), field="user")
        return enter(row, user, reason.strip(), by)


def enter(case: Case, user: Any, reason: str, by: Who) -> Interest:
    """Write the interest down and take the work away, inside a `changing` block."""
    made = Interest.objects.create(
        case=case,
        user=user,
        reason=reason,
        hides=spec_of(case.version).version.recusal_hides,
        declared_by=by.user,
    )
    case.recused = sorted({*(case.recused or []), user.pk})
    case.set_beside("interests")
    record(case, "case.recused", by, user_id=user.pk, hides=made.hides)
    _hand_back(case, user, by)
    search.stale(case)
    return made


def _hand_back(case: Case, user: Any, by: Who) -> None:
    from .ownership import note_change

    Participant.objects.filter(case=case, user=user).delete()
    Task.objects.filter(case=case, assignee=user, status=Task.Status.OPEN).update(assignee=None, team=case.team)
    for approval in case.approvals.filter(status=Approval.Status.PENDING, requested_by=user):
        from .approvals import drop

        drop(case, approval, by)
    if case.owner_id == user.pk:
        before = (case.owner_id, case.team_id, case.site_id)
        case.owner = None
        note_change(case, by, before, True)


def end_interest(interest: Interest, actor: Any = None, reason: str = "") -> Interest:
    """It was declared by mistake, or is over: the colleague may work on the matter again. Emits `case.recusal_ended`.

    Never decided by the colleague themselves. Raises NotAllowed, or CaseError without a reason or when it ended.
    """
    by = who(actor)
    if not reason.strip():
        raise CaseError("reason_needed", _("Give a reason."), field="reason")
    with changing(interest.case) as row:
        if by.user_id == interest.user_id:
            raise NotAllowed("own", _("Nobody lifts their own recusal."), allowed=_("Ask a second person."))
        demand(by, "case.recuse", row)
        fresh = Interest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
        if fresh.ended_at is not None:
            raise CaseError("ended", _("This recusal has ended already."))
        fresh.ended_by, fresh.ended_at = by.user, timezone.now()
        fresh.save(update_fields=["ended_by", "ended_at"])
        row.recused = sorted(set(row.recused or []) - {fresh.user_id})
        record(row, "case.recusal_ended", by, user_id=fresh.user_id)
        _note(row, by, reason)
    interest.refresh_from_db()
    return interest


def _note(case: Case, by: Who, reason: str) -> None:
    from .notes import note_on

    note_on(case, by, reason.strip())


def refuse_if_interested(case: Case, user: Any, field: str = "") -> None:
    """Raise CaseError when this colleague must keep out: nobody gives them the work either."""
    if user is not None and user.pk in (case.recused or []):
        raise CaseError(
            "interest",
            _("This colleague has an interest in the matter."),
            allowed=_("Choose somebody else."),
            field=field,
        )
