"""What a template may say about a case: a closed list, so that no template can reach anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from console.cases.config import spec_of
from console.cases.models import Case, Clock

from .brand import bank_name, hotline


@dataclass(frozen=True)
class Variable:
    """One word a template may use; `read` gives its text in the language that is active."""

    name: str
    label: str | Promise
    read: Callable[[Case], str]
    example: str
    secret: bool = False  # only the customer may read it: staff see dots in its place


def moment(at: datetime | None, zone: Any = None) -> str:
    """`2026-11-22 14:05` on the customer's clock; empty without a moment."""
    return timezone.localtime(at, zone).strftime("%Y-%m-%d %H:%M") if at else ""


def _zone(case: Case) -> Any:
    from console.foundation.calendars.hours import HoursError, zone_of

    try:
        return zone_of(case.customer.time_zone) if case.customer else None
    except HoursError:
        return None


Deadlines = dict[str, datetime | None]
_asked: ContextVar[tuple[list[int], dict[int, Deadlines]] | None] = ContextVar("huiyin_deadlines", default=None)


@contextmanager
def reading(cases: Sequence[Case]) -> Iterator[None]:
    """Inside, the deadlines of all these cases are asked for once, when a text wants one."""
    token = _asked.set(_asked.get() or ([case.pk for case in cases], {}))
    try:
        yield
    finally:
        _asked.reset(token)


def _deadlines(case: Case) -> Deadlines:
    wanted, found = _asked.get() or ([], {})
    if case.pk not in found:
        found |= {pk: {} for pk in (*wanted, case.pk)}
        rows = Clock.objects.filter(case__in=list(found)).order_by()
        for pk, kind, due_at in rows.values_list("case", "kind", "due_at"):
            found[pk][kind] = due_at
    return found[case.pk]


def _due(kind: str) -> Callable[[Case], str]:
    def read(case: Case) -> str:
        return moment(_deadlines(case).get(kind), _zone(case))

    return read


def _choice(kind: str) -> Callable[[Case], str]:
    def read(case: Case) -> str:
        row = spec_of(case.version).choice(kind, getattr(case, kind))
        return row.label if row else ""

    return read


def _customer(case: Case) -> str:
    name = case.customer.display_name if case.customer and not case.customer.is_provisional else ""
    return name or gettext("customer")


def _reached(case: Case) -> str:
    return moment(case.reached_at, _zone(case))


def _extension_reason(case: Case) -> str:
    row = case.extensions.filter(status="granted").order_by("-id").first()
    return row.reason if row else ""


def _reopen_days(case: Case) -> str:
    return str(case.version.reopen_days)


def _survey(case: Case) -> str:
    from .surveys import link

    return link(case)


LIST = [
    Variable("bank", gettext_lazy("name of the bank"), lambda case: bank_name(), "回音示范银行"),
    Variable("hotline", gettext_lazy("service hotline"), lambda case: hotline(), "95000"),
    Variable("customer", gettext_lazy("name of the customer"), _customer, "林晓"),
    Variable("number", gettext_lazy("number of the case"), lambda case: case.number, "HY-2026-004217"),
    Variable("subject", gettext_lazy("subject of the case"), lambda case: case.subject, "小额免密关不掉"),
    Variable("type", gettext_lazy("kind of case"), lambda case: case.type.label, "投诉"),
    Variable(
        "reached", gettext_lazy("when it reached us"), _reached, "2026-11-22 14:05"
    ),
    Variable("answer_due", gettext_lazy("first answer by"), _due("first_response"), "2026-11-23 14:05"),
    Variable("decision_due", gettext_lazy("decision by"), _due("decision"), "2026-12-07 14:05"),
    Variable("outcome", gettext_lazy("outcome"), _choice("outcome"), "支持"),
    Variable("decision", gettext_lazy("text of the decision"), lambda case: case.decision, "已为您关闭小额免密支付。"),
    Variable("extension_reason", gettext_lazy("reason of the extension"), _extension_reason, "需调取商户凭证"),
    Variable("code", gettext_lazy("one-time code"), lambda case: "", "482913", secret=True),
    Variable("minutes", gettext_lazy("minutes the code is good for"), lambda case: "", "10"),
    Variable(
        "survey", gettext_lazy("link to the survey"), _survey, "https://bank.example/survey/…", secret=True
    ),
    Variable("reopen_days", gettext_lazy("days a reply takes the case up again"), _reopen_days, "30"),
]  # fmt: skip
BY_NAME = {variable.name: variable for variable in LIST}


def examples() -> dict[str, str]:
    """Values for a preview without a case."""
    return {variable.name: variable.example for variable in LIST}
