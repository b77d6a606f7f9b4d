"""What the demo bank's people ask each other: tasks for other departments, and extensions a second person decides."""

from datetime import timedelta

from django.utils import timezone

from console.cases import services
from console.cases.models import Case
from console.staff.models import User

# Who is asked, what, and within how many hours.
TASKS = [
    ("participant", "请核实网点当日监控和叫号记录", 20),
    ("participant", "请提供客户签约凭证影像", 44),
    ("product", "请说明小额免密默认开通的规则，以及关闭后为何恢复", 30),
    ("product", "请确认年费减免条件的对外口径", 52),
]


def ask_around() -> None:
    """Tasks on open cases and extensions waiting for approval, each asked by the owner of its case."""
    people = User.objects.in_bulk(field_name="username")
    agents = User.objects.filter(memberships__role__code="agent")
    open_cases = Case.objects.filter(is_open=True, owner__in=agents, type__code="complaint").order_by("id")
    waiting = list(open_cases.filter(state="waiting_other").select_related("owner")[: len(TASKS)])
    for case, (who, title, hours) in zip(waiting, TASKS, strict=False):
        due = timezone.now() + timedelta(hours=hours)
        services.add_task(case, title, case.owner, assignee=people[who], due_at=due)
    working = list(open_cases.filter(state="investigating", breached=False).select_related("owner")[:40])
    asked = (case for case in working if services.available_extensions(case))
    for case, _place in zip(asked, range(3), strict=False):
        rule = services.available_extensions(case)[0]
        services.request_extension(case, rule.code, "需向收单机构调取商户凭证，对方答复约需五个工作日。", case.owner)
