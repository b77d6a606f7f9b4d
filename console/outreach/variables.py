"""What a template may say about a case: a closed list, so that no template can reach anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from console.cases.config import spec_of
from console.cases.models import Case, Clock, Recheck

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


def zone_of_customer(case: Case) -> Any:
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
        return moment(_deadlines(case).get(kind), zone_of_customer(case))

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
    return moment(case.reached_at, zone_of_customer(case))


def _extension_reason(case: Case) -> str:
    row = case.extensions.filter(status="granted").order_by("-id").first()
    return row.reason if row else ""


def _acceptance(case: Case) -> Any:
    return case.acceptances.order_by("-round").first()


def _acceptance_words(case: Case) -> str:
    row = _acceptance(case)
    return row.words if row else ""


def _grounds(case: Case) -> str:
    row = _acceptance(case)
    choice = spec_of(case.version).choice("non_acceptance", row.grounds) if row and row.grounds else None
    return choice.label if choice else ""


def _request(case: Case) -> Any:
    return case.material_requests.order_by("-asked_at", "-id").first()


def _materials(case: Case) -> list[str]:
    row, spec = _request(case), spec_of(case.version)
    return [kind.label for code in row.kinds if (kind := spec.material(code))] if row else []


def _material_list(case: Case) -> str:
    return "\n".join(f"{number}. {name}" for number, name in enumerate(_materials(case), 1))


def _material_words(case: Case) -> str:
    row = _request(case)
    return row.words if row else ""


def _material_due(case: Case) -> str:
    row = _request(case)
    return row.due_on.isoformat() if row and row.due_on else ""


def _material_line(case: Case) -> str:
    return gettext(", ").join(_materials(case))


def _accepted_on(case: Case) -> str:
    row = _acceptance(case)
    return _day(row.decided_at, case) if row and row.accepted else ""


def _day(at: datetime, case: Case) -> str:
    return timezone.localtime(at, zone_of_customer(case)).strftime("%Y-%m-%d")


def _demand(case: Case) -> str:
    return " ".join(str(case.data.get("demand", "")).split())


def _redress(case: Case) -> str:
    """What was approved or paid; a proposal is no promise yet."""
    spec, lines, colon = spec_of(case.version), [], gettext(": ")
    for row in case.redress.filter(status__in=["approved", "paid"]):
        kind = spec.choice("redress", row.kind)
        label = kind.label if kind else row.kind
        lines.append(f"{label}{colon}{row.amount} {row.currency}" if row.amount else label)
    return "\n".join(lines)


def _recheck_until(case: Case) -> str:
    """Counted from today: the decision reaches the customer with the notice that names this day."""
    spec = spec_of(case.version)
    limit = spec.limit("recheck_days") if spec.version.recheck_type else None
    return _day(timezone.now() + timedelta(days=limit.amount), case) if limit else ""


def _original(case: Case) -> str:
    found = Recheck.objects.filter(case=case).select_related("original").first()
    return found.original.number if found else ""


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
    Variable("original", gettext_lazy("number of the case that is re-checked"), _original, "HY-2026-004100"),
    Variable("accepted_on", gettext_lazy("day it was accepted"), _accepted_on, "2026-11-23"),
    Variable("demand", gettext_lazy("what the customer asks for"), _demand, "关闭小额免密支付，退还扣款 35 元。"),
    Variable("redress", gettext_lazy("redress, a line each"), _redress, "退款：35.00 CNY"),
    Variable("recheck_until", gettext_lazy("last day to ask for a re-check"), _recheck_until, "2027-01-06"),
    Variable("outcome", gettext_lazy("outcome"), _choice("outcome"), "支持"),
    Variable("decision", gettext_lazy("text of the decision"), lambda case: case.decision, "已为您关闭小额免密支付。"),
    Variable(
        "acceptance_words",
        gettext_lazy("words on accepting or not"),
        _acceptance_words,
        "您反映的商户不是本行的合作机构。",
    ),
    Variable("grounds", gettext_lazy("grounds for not accepting"), _grounds, "不属于本机构的产品或服务"),
    Variable("materials", gettext_lazy("material asked for, a line each"), _material_list, "1. 商户凭证或订单"),
    Variable("materials_line", gettext_lazy("material asked for, in one line"), _material_line, "商户凭证或订单"),
    Variable("material_words", gettext_lazy("words on the material"), _material_words, "照片清晰即可。"),
    Variable("material_due", gettext_lazy("material by"), _material_due, "2026-12-07"),
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
