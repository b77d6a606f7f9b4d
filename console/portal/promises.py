"""What a customer may count on: by when somebody answers, and by when it is decided. Taken from the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from console.cases import clocks, config
from console.cases.models import Case, ClockKind, ClockState, Fact
from console.cases.services import deadlines

# In the order in which they come to pass.
PUBLIC = (ClockKind.FIRST_RESPONSE, ClockKind.DECISION)
RUNNING = (ClockState.RUNNING, ClockState.BREACHED, ClockState.PAUSED)


@dataclass(frozen=True, slots=True)
class Promise:
    """One date we gave. `late` means we did not keep it."""

    kind: str
    at: datetime
    late: bool = False

    @property
    def text(self) -> str:
        if self.kind == ClockKind.DECISION:
            return _("We tell you our decision by")
        return _("A colleague answers you by")


def before_there_is_a_case(type_code: str, reached_at: datetime) -> list[Promise]:
    """What the type's clocks will say of a case that reached us then."""
    try:
        spec = config.active_spec(type_code)
    except config.NoActiveVersion:
        return []
    history = clocks.History(
        intervals=(clocks.Interval(spec.initial.state_class, reached_at),),
        moments=(clocks.Moment(Fact.REACHED, reached_at), clocks.Moment(Fact.OPENED, reached_at)),
        grade=spec.version.default_grade,
    )
    read = {kind: reading for _pk, kind, reading in deadlines.read_all(spec, history, timezone.now())}
    return [Promise(kind, read[kind].due_at) for kind in PUBLIC if kind in read and read[kind].due_at]


def of_case(case: Case) -> list[Promise]:
    """The dates that still stand for a case."""
    rows: dict[str, Any] = {row.kind: row for row in case.clocks.all()}
    return [
        Promise(kind, rows[kind].due_at, rows[kind].state == ClockState.BREACHED)
        for kind in PUBLIC
        if kind in rows and rows[kind].due_at and rows[kind].state in RUNNING and rows[kind].stopped_at is None
    ]
