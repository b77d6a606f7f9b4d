"""The main job from mail to told customer, over a connector whose other side is in the test's hands."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import services as cases
from console.cases.models import Case, CustomerNotice, Task
from console.channels.models import Delivery, Suppression
from console.channels.services import apply_receipt, parse_pending
from console.channels.services.intake import accept
from console.customers.models import Identity
from console.customers.normal import address_hash
from console.customers.services.identities import resolve_identity
from console.events.models import Event
from console.events.services import deliveries
from console.foundation.work import drain_all
from console.outreach import services
from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import sms_account, take_in

pytestmark = pytest.mark.django_db

DECISION = {"outcome": "upheld", "root_cause": "rules", "decision": "已为您关闭小额免密支付。"}


@pytest.fixture
def case(account):
    take_in(account, "m1", subject="小额免密关不掉", text="请帮我关闭")
    drain_all()
    return Case.objects.get()


def decided(case, agent):
    cases.transition(case, "accept", agent)
    cases.transition(case, "decide", agent, DECISION)
    drain_all()
    case.refresh_from_db()
    return case


def bounce(delivery):
    receipt = DeliveryReceipt(
        delivery_key=delivery.key, status=DeliveryStatus.FAILED, at=timezone.now() + timedelta(seconds=1), code="5.1.1"
    )
    apply_receipt(delivery.account, receipt)
    drain_all()


def test_a_mail_is_acknowledged_in_its_thread_once(case, line):
    assert len(line.sent) == 1
    sent = line.sent[0]
    assert case.number in sent.subject
    assert case.number in sent.text
    assert "小额免密关不掉" in sent.text
    notice = CustomerNotice.objects.get()
    assert (notice.kind, notice.status, notice.template) == ("acknowledgement", "sent", "acknowledgement v1")
    states = dict(case.clocks.values_list("kind", "state"))
    assert (states["acknowledge"], states["first_response"]) == ("met", "running")


def test_the_receipt_stands_in_the_timeline(case):
    assert case.conversation.entries.filter(inbound=False).count() == 1


def test_it_is_marked_automatic_so_that_machines_do_not_answer(case):
    assert Delivery.objects.get().automatic


def test_the_same_opening_announced_twice_is_one_receipt(case, line):
    services.notify(case, "acknowledgement")
    drain_all()
    assert len(line.sent) == 1


def test_many_receipts_cost_few_queries_and_one_that_cannot_go_stops_no_other(
    account, line, django_assert_max_num_queries
):
    take_in(account, "first")
    drain_all()
    for number in range(20):
        accept(account, body(f"m{number}", sender=f"c{number}@customer.example"))
    while parse_pending():
        pass
    dead = Identity.objects.get(address_hash=address_hash("email", "c7@customer.example"))
    Suppression.objects.create(
        channel_kind="email", address_hash=dead.address_hash, mask="***", until=timezone.now() + timedelta(days=1)
    )
    with django_assert_max_num_queries(45):
        deliveries.drain()
    notices = CustomerNotice.objects.filter(case__customer__identities__address_hash=dead.address_hash)
    assert [(notice.status, notice.reason) for notice in notices] == [("skipped", "suppressed")]
    assert CustomerNotice.objects.filter(kind="acknowledgement", status="pending").count() == 19
    drain_all()
    assert len(line.sent) == 20
    assert CustomerNotice.objects.filter(kind="acknowledgement", status="sent").count() == 20
    stories = Event.objects.filter(type="case.notice_recorded").values_list("correlation_id", flat=True)
    assert set(stories) == set(Case.objects.values_list("correlation_id", flat=True))


def test_an_automatic_mail_is_not_acknowledged(account, line):
    take_in(account, "auto", text="out of office", automatic="auto-replied")
    drain_all()
    assert line.sent == []


def test_a_suppressed_receipt_leaves_its_reason(account, line, team):
    case = cases.open_case("complaint", subject="x", suppress_reply=True, team=team)
    notice = services.notify(case, "acknowledgement")
    assert (notice.status, notice.reason) == ("skipped", "suppressed")


def test_without_any_way_the_reason_is_kept(account, team):
    case = cases.open_case("complaint", subject="柜面投诉", team=team)
    assert services.notify(case, "decision").reason == "no_way"


def test_the_decision_reaches_the_customer_and_the_case_may_close(case, agent, line):
    decided(case, agent)
    assert [sent.meta["purpose"] for sent in line.sent] == [
        "notice.acknowledgement", "notice.acceptance", "notice.decision",
    ]  # fmt: skip
    assert DECISION["decision"] in line.sent[2].text
    assert "支持" in line.sent[2].text
    assert case.told == "told"
    cases.transition(case, "close", agent)
    drain_all()
    assert (case.is_open, len(line.sent)) == (False, 3)
    assert case.clocks.get(kind="decision").state == "met"


def test_a_bounce_after_closing_tries_the_next_way(case, agent, line):
    sms = sms_account()
    resolve_identity("sms", sms, "13800138000")
    identity = resolve_identity("sms", sms, "13800138000")
    type(identity).objects.filter(pk=identity.pk).update(customer=case.customer)
    decided(case, agent)
    cases.transition(case, "close", agent)
    bounce(CustomerNotice.objects.get(kind="decision").delivery)
    case.refresh_from_db()
    notices = CustomerNotice.objects.filter(case=case, kind="decision").order_by("pk")
    assert [notice.status for notice in notices] == ["failed", "sent"], notices[1].reason
    assert notices[1].channel_kind == "sms"
    assert case.told == "told"
    assert Task.objects.get(case=case).status == "done"


def test_a_bounce_with_no_other_way_is_a_call(case, agent):
    decided(case, agent)
    cases.transition(case, "close", agent)
    bounce(CustomerNotice.objects.get(kind="decision").delivery)
    case.refresh_from_db()
    assert case.told == "failed"
    assert Task.objects.get(case=case).kind == "call"
    assert Event.objects.filter(type="case.tell_again").count() == 1


def test_an_extension_is_told(case, agent, supervisor, line):
    extension = cases.request_extension(case, "complex", "需调取商户凭证", agent)
    cases.decide_approval(extension.approval, supervisor, True)
    drain_all()
    due = timezone.localtime(case.clocks.get(kind="decision").due_at).strftime("%Y-%m-%d")
    assert "需调取商户凭证" in line.sent[-1].text
    assert due in line.sent[-1].text


def test_a_withdrawn_case_gets_a_closing_word(case, agent, line):
    cases.withdraw(case, agent, "客户来电撤回")
    drain_all()
    assert CustomerNotice.objects.filter(kind="closing", status="sent").count() == 1
    assert "30 日内" in line.sent[-1].text


def test_a_reply_counts_and_its_undo_takes_it_back(case, agent, line):
    from console.channels.services import cancel
    from console.staff.access import as_actor

    delivery, _moved = cases.reply(case, "您好,我们正在核实。", agent)
    case.refresh_from_db()
    assert (case.turn, case.state) == ("customer", "investigating")
    assert case.clocks.get(kind="first_response").state == "met"
    cancel(delivery, as_actor(agent))
    assert case.clocks.get(kind="first_response").state == "running"


def test_an_enquiry_closes_with_its_answer_in_one_act(account, agent, team, line):
    from console.cases.models import CaseType, IntakeRule

    IntakeRule.objects.update(type=CaseType.objects.get(code="enquiry"))
    take_in(account, "m2", subject="年费", text="年费怎么收")
    drain_all()
    case = Case.objects.get()
    cases.reply(case, "刷满五次免年费。", agent, then="close", undo_seconds=0)
    drain_all()
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("closed", False)
    assert case.clocks.get(kind="first_response").state == "met"
    assert "刷满五次" in line.sent[-1].text


def test_the_customers_answer_to_the_decision_takes_the_case_up_again(case, agent, account, line):
    decided(case, agent)
    cases.transition(case, "close", agent)
    sent = line.sent[-1]
    take_in(account, "m3", subject=f"Re: {sent.subject}", text="我不同意", tokens=[sent.thread_token])
    drain_all()
    case.refresh_from_db()
    assert (case.state, case.reopened, Case.objects.count()) == ("investigating", 1, 1)


def test_undoing_an_answer_undoes_the_step_it_made(case, agent, line):
    from console.channels.services import cancel
    from console.staff.access import as_actor

    delivery, moved = cases.reply(case, "请补充卡片末四位。", agent, then="wait", undo_seconds=10)
    case.refresh_from_db()
    assert (moved.case.state_class, case.turn) == ("waiting_customer", "customer")
    cancel(delivery, as_actor(agent))
    case.refresh_from_db()
    assert (case.state, case.turn, case.is_open) == ("received", "staff", True)
    assert case.clocks.get(kind="decision").state == "running"


def test_undoing_an_answer_that_resolved_calls_the_decision_off(case, agent, line):
    from console.channels.models import Delivery
    from console.channels.services import cancel
    from console.staff.access import as_actor

    cases.decide(case, agent, outcome="upheld", root_cause="rules", decision="已退还费用。")
    before = len(line.sent)
    delivery, _moved = cases.reply(case, "已为您处理完毕。", agent, then="resolve", undo_seconds=10)
    drain_all()
    notice = CustomerNotice.objects.get(case=case, kind="decision")
    assert notice.status == "pending"
    assert notice.delivery.not_before is not None
    cancel(delivery, as_actor(agent))
    drain_all()
    case.refresh_from_db()
    assert (case.state, case.told, case.resolved_at) == ("received", "not_yet", None)
    assert Delivery.objects.get(pk=notice.delivery_id).status == "cancelled"
    assert len(line.sent) == before
    assert not case.tasks.filter(status="open", kind__in=["tell", "call"]).exists()
