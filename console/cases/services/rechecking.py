"""Re-check (核查): a decided matter looked at again by the superior team, as a case of its own with its own clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.events.models import Event
from console.staff.models import Team, User

from ..config import spec_of
from ..models import Approval, Case, CaseLink, Choice, Fact, Interest, Limit, Mark, Recheck
from .base import CaseError, Text, Who, changing, demand, record, who
from .opening import open_case
from .recusal import enter

# Whoever did one of these in the first case has decided it, or helped to.
HANDLED = ("case.assigned", "case.transitioned", "case.decided", "case.fields_changed", "case.approval_decided")


def superior_of(case: Case) -> Team | None:
    """The team that re-checks matters of this type; None when the type has none, or it is not set up."""
    version = spec_of(case.version).version
    if not version.recheck_type or not version.recheck_team:
        return None
    return Team.objects.filter(code=version.recheck_team, is_active=True).select_related("site").first()


def against_recheck(case: Case, now: datetime | None = None) -> tuple[str, Text] | None:
    """Why this matter cannot be re-checked now, as (code, words); None when it can."""
    version = spec_of(case.version).version
    if not version.recheck_type:
        return "no_recheck", _("Matters of this type are not re-checked.")
    if case.decided_at is None:
        return "undecided", _("Only a decided matter is re-checked.")
    if superior_of(case) is None:
        return "no_team", _("The superior team of this type is not set up.")
    if case.rechecks.filter(case__is_open=True).exists():
        return "open", _("A re-check of this matter is under way.")
    until = ask_until(case)
    if until is not None and (now or timezone.now()) > until:
        limit = spec_of(case.version).limit(Limit.Kind.RECHECK_DAYS)
        words = _("A re-check could be asked for until %(day)s (%(source)s).")
        return "late", words % {"day": timezone.localdate(until).isoformat(), "source": limit.source if limit else ""}
    return None


def ask_until(case: Case) -> datetime | None:
    """The last moment to ask: so many days after the customer was told; None while nothing limits it."""
    limit = spec_of(case.version).limit(Limit.Kind.RECHECK_DAYS)
    told = Mark.objects.filter(case=case, fact=Fact.TOLD, revoked_at=None).order_by("-at").values_list("at", flat=True)
    at = told.first()
    return at + timedelta(days=limit.amount) if limit and at else None


def ask_for_recheck(case: Case, reason: str, actor: Any = None, *, asked_at: datetime | None = None) -> Recheck:
    """Open the re-check with the superior team the type names; emits `case.recheck_asked` here, `case.opened` there.

    Whoever handled the first case, or has an interest in it, keeps out of the re-check. Raises CaseError when
    nothing is decided, one is under way or the time to ask is over; NotAllowed.
    """
    by = who(actor)
    if not reason.strip():
        raise CaseError("reason_needed", _("Say what the customer objects to."), field="reason")
    with changing(case) as row:
        demand(by, "case.open", row)
        against = against_recheck(row, asked_at)
        if against is not None:
            raise CaseError(*against, allowed=_("Open a new complaint when there are new facts."))
        with transaction.atomic():
            made = _open(row, reason.strip(), by, asked_at)
    return made


def _open(case: Case, reason: str, by: Who, asked_at: datetime | None) -> Recheck:
    version = spec_of(case.version).version
    team = superior_of(case)
    second = open_case(
        version.recheck_type,
        case.customer,
        case.conversation,
        actor=Who(by.actor),
        subject=case.subject,
        categories={row.dimension: row.category.code for row in case.categories.select_related("category")},
        grade=case.grade,
        team=team,
        account=case.account,
        language=case.language,
        reached_at=asked_at,
    )
    made = Recheck.objects.create(
        original=case, case=second, reason=reason, asked_at=asked_at or timezone.now(), recorded_by=by.user
    )
    CaseLink.objects.create(case=second, other=case, kind=CaseLink.Kind.RECHECK)
    case.set_beside("rechecks")
    with changing(second) as fresh:
        for user in _handlers(case):
            enter(fresh, user, str(_("Handled case %(number)s") % {"number": case.number}), who(None))
    record(case, "case.recheck_asked", by, recheck_id=second.pk, team_id=team.pk)
    return made


def _handlers(case: Case) -> list[User]:
    """Everybody who worked on, decided or approved the first case, or had to keep out of it."""
    acted = Event.objects.filter(stream=case.stream, actor_kind="staff", type__in=HANDLED)
    ids = {int(value) for value in acted.values_list("actor_id", flat=True) if value.isdigit()}
    ids |= {pk for pk in Approval.objects.filter(case=case).values_list("decided_by_id", flat=True) if pk}
    ids |= set(Interest.objects.filter(case=case, ended_at=None).values_list("user_id", flat=True))
    ids |= {case.owner_id} if case.owner_id else set()
    return list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


def settle(second: Case) -> None:
    """The re-check is decided: where its outcome says so, the first case is taken up again. Inside `changing`."""
    found = Recheck.objects.filter(case=second).select_related("original").first()
    if found is None:
        return
    from .workflow import reopen

    outcome = spec_of(second.version).choice(Choice.Kind.OUTCOME, second.outcome)
    reopens = bool(outcome and outcome.reopens)
    record(
        found.original, "case.recheck_decided", who(None), recheck_id=second.pk, outcome=second.outcome, reopens=reopens
    )
    if reopens:
        reopen(found.original, None, str(_("Re-check %(number)s") % {"number": second.number}))
