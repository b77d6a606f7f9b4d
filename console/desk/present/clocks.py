"""Deadlines as chips: a word, how long is left or over, a tone, and the reasons shown on hover and focus."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .durations import short

if TYPE_CHECKING:
    from console.cases.models import Clock

SOON = timedelta(hours=2)
RED, AMBER, GREEN, BLUE, PLAIN = "red", "amber", "green", "blue", ""
ICONS = {RED: "triangle-alert", AMBER: "hourglass", GREEN: "check", BLUE: "pause", PLAIN: "clock"}


@dataclass(frozen=True)
class ClockLabel:
    """One deadline, ready to show."""

    kind: str
    name: str
    text: str
    tone: str = PLAIN
    due_at: datetime | None = None
    reasons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def icon(self) -> str:
        return ICONS[self.tone]


def moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i") if at else "–"


def running(due_at: datetime, now: datetime, started_at: datetime | None = None) -> tuple[str, str]:
    """Text and tone of a deadline that runs: soon is two hours, or the last seventh of a longer period."""
    left = due_at - now
    if left < timedelta(0):
        return _("%(time)s late") % {"time": short(left)}, RED
    soon = max(SOON, (due_at - started_at) / 7) if started_at else SOON
    return _("%(time)s left") % {"time": short(left)}, AMBER if left <= soon else PLAIN


def next_clock(kind: str, due_at: datetime | None, now: datetime) -> ClockLabel | None:
    """The one deadline of a list row, from the case's stored columns alone."""
    from console.cases.models import ClockKind

    if due_at is None:
        return None
    text, tone = running(due_at, now)
    name = str(dict(ClockKind.choices).get(kind, kind))
    return ClockLabel(kind, name, text, tone, due_at, [(_("Due"), moment(due_at))])


def chip(clock: "Clock", now: datetime) -> ClockLabel:
    """One stored clock of a case page."""
    text, tone = _state(clock, now)
    name = clock.get_kind_display()
    return ClockLabel(clock.kind, name, text, tone, clock.due_at, list(_reasons(clock)))


def _state(clock: "Clock", now: datetime) -> tuple[str, str]:
    if clock.state == "met":
        late = clock.due_at and clock.stopped_at and clock.stopped_at > clock.due_at
        return (_("done late"), RED) if late else (_("done"), GREEN)
    if clock.state == "paused":
        left = timedelta(seconds=clock.remaining_seconds or 0)
        return _("paused, %(time)s left") % {"time": short(left)}, BLUE
    if clock.state == "cancelled":
        return _("not needed"), PLAIN
    if clock.due_at is None:
        return clock.get_state_display(), PLAIN
    if clock.stopped_at:
        return _("done late"), RED
    return running(clock.due_at, now, clock.started_at)


def _reasons(clock: "Clock"):
    yield _("State"), clock.get_state_display()
    yield _("Started"), moment(clock.started_at)
    if clock.due_at:
        yield _("Due"), moment(clock.due_at)
    if clock.stopped_at:
        yield _("Done"), moment(clock.stopped_at)
    policy = clock.policy
    yield _("Counts"), f"{policy.get_basis_display()}"
    yield _("Done when"), policy.get_met_by_display()
    if policy.source:
        yield _("Set by"), policy.source
    elif policy.statutory:
        yield _("Set by"), _("regulation")
    if policy.in_force_from:
        yield _("In force since"), date_format(policy.in_force_from, "Y-m-d")
