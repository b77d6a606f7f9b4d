"""Accepting or not, on record and told; material asked only where the bank does not have it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import services
from console.cases.models import Acceptance, Case, Mark, Material, MaterialRequest, Task
from console.channels.models import Attachment
from console.customers.models import Customer
from console.events.models import Event
from tests.console.cases.test_telling import tell
from tests.factories.cases import make_case, make_message
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
WORDS = "您反映的商户不是本行的合作机构，请向该商户所在地市场监管部门反映。"


@pytest.fixture
def case(preset, team, agent):
    return make_case("complaint", team=team, owner=agent)


def clock(case, kind="acceptance"):
    return case.clocks.get(kind=kind)


def events(case, type_):
    return Event.objects.filter(stream=case.stream, type=type_)


def test_acceptance_is_a_promise_of_five_days(case):
    assert clock(case).due_at == case.reached_at + timedelta(days=5)
    assert case.acceptance == ""


def test_accepting_is_on_record(case, agent):
    services.accept(case, agent, "我们会联系您。")
    row = Acceptance.objects.get(case=case)
    assert (case.state, case.acceptance, row.accepted, row.decided_by) == ("investigating", "accepted", True, agent)
    assert row.words == "我们会联系您。"
    assert events(case, "case.accepted").get().data["told"] is False


def test_the_clock_waits_until_the_customer_heard(case, agent):
    services.accept(case, agent)
    assert clock(case).state == "running"
    services.settle_delivery(tell(case, "acceptance").delivery_id, "accepted")
    assert clock(case).state == "met"


def test_an_answer_accepts_and_tells(case, agent):
    services.answered(case, services.who(agent), "delivery:7", timezone.now())
    case.refresh_from_db()
    assert (case.acceptance, clock(case).state) == ("accepted", "met")
    assert events(case, "case.accepted").get().data["told"] is True


def test_work_by_colleagues_accepts_too(case, agent):
    services.transition(case, "ask_other", agent)
    assert case.acceptance == "accepted"


def test_not_accepting_wants_grounds_and_words(case, agent):
    for grounds, words in (("", WORDS), ("cake", WORDS), ("other_bank", " ")):
        with pytest.raises(services.CaseError) as refused:
            services.not_accept(case, grounds, words, agent)
        assert refused.value.field in ("grounds", "words")
    case.refresh_from_db()
    assert case.state == "received"


def refuse(case, agent, supervisor):
    moved = services.not_accept(case, "other_bank", WORDS, agent)
    assert moved.waiting
    services.decide_approval(moved.approval, supervisor, True)
    case.refresh_from_db()


def test_a_second_person_lets_it_go(case, agent, supervisor):
    refuse(case, agent, supervisor)
    row = Acceptance.objects.get(case=case)
    assert (case.state, case.acceptance, case.is_open) == ("not_accepted", "refused", False)
    assert (row.accepted, row.grounds, row.words, row.decided_by) == (False, "other_bank", WORDS, supervisor)
    assert events(case, "case.not_accepted").get().data["grounds"] == "other_bank"


def test_a_refused_case_is_not_over_before_the_customer_heard(case, agent, supervisor):
    refuse(case, agent, supervisor)
    assert clock(case).state == "running"
    assert clock(case, "decision").state == "cancelled"
    services.settle_delivery(tell(case, "non_acceptance").delivery_id, "accepted")
    case.refresh_from_db()
    assert (clock(case).state, case.told) == ("met", "told")


def test_a_refusal_that_came_back_is_told_again(case, agent, supervisor):
    refuse(case, agent, supervisor)
    notice = tell(case, "non_acceptance")
    services.settle_delivery(notice.delivery_id, "bounced")
    case.refresh_from_db()
    assert case.told == "failed"
    assert Task.objects.get(case=case, status="open").key == f"tell:{notice.pk}"
    services.told_in_person(case, agent)
    assert (clock(case).state, case.told) == ("met", "told")


def test_an_acceptance_that_came_back_is_told_again_and_settled(case, agent):
    services.accept(case, agent)
    notice = tell(case, "acceptance")
    services.settle_delivery(notice.delivery_id, "bounced")
    task = Task.objects.get(case=case, key=f"tell:{notice.pk}")
    assert clock(case).state == "running"
    services.settle_delivery(tell(case, "acceptance").delivery_id, "accepted")
    task.refresh_from_db()
    assert (task.status, clock(case).state) == ("done", "met")


def test_calling_instead_tells_too(case, agent):
    services.accept(case, agent)
    notice = tell(case, "acceptance")
    services.settle_delivery(notice.delivery_id, "bounced")
    task = services.ask_for_call(case, notice.pk, agent)
    services.finish_task(task, agent, "已电话告知")
    assert clock(case).state == "met"


def test_reopening_a_refused_case_takes_it_up(case, agent, supervisor):
    refuse(case, agent, supervisor)
    services.reopen(case, supervisor, "客户补充了新证据")
    assert case.acceptance == "accepted"
    assert list(Acceptance.objects.filter(case=case).values_list("round", "accepted")) == [(0, False), (1, True)]


def test_types_without_acceptance_know_nothing_of_it(preset, team, agent):
    case = make_case("enquiry", team=team)
    services.transition(case, "start", agent)
    assert (case.acceptance, Acceptance.objects.count()) == ("", 0)
    with pytest.raises(services.CaseError):
        services.accept(case, agent)


# Material


def test_material_is_asked_with_a_date(case, agent):
    services.ask_for_material(case, ["merchant_proof", "police_report"], "照片即可。", agent)
    row = MaterialRequest.objects.get(case=case)
    assert (case.state, case.turn, case.acceptance) == ("supplementing", "customer", "")
    assert row.due_on == timezone.localdate() + timedelta(days=15)
    assert events(case, "case.material_asked").get().data["kinds"] == ["merchant_proof", "police_report"]


def test_asking_does_not_stop_a_clock_of_the_law(case, agent):
    before = clock(case, "decision").due_at
    services.ask_for_material(case, ["merchant_proof"], "", agent)
    assert (clock(case, "decision").due_at, clock(case, "decision").state) == (before, "running")


@pytest.mark.parametrize("kind", ["contract", "statement", "recording"])
def test_what_the_bank_has_is_never_asked(case, agent, kind):
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_material(case, ["merchant_proof", kind], "", agent)
    assert refused.value.code == "held"
    assert MaterialRequest.objects.count() == 0


def test_what_is_on_the_customers_file_is_never_asked(preset, team, agent):
    customer = make_customer(id_card="310101199001011237", phone="13800138000")
    known = make_case("complaint", team=team, message=make_message(customer=customer))
    spec = services.workflow.spec_of(known.version)
    assert set(services.held(known, spec.material_kinds)) == {
        "identity",
        "contact",
        "contract",
        "statement",
        "recording",
    }


def test_what_came_in_another_case_is_never_asked_again(case, team, agent):
    services.record_material(case, "income_proof", agent, note="原件已核")
    other = make_case("complaint", team=team, message=make_message(customer=case.customer, account=case.account))
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_material(other, ["income_proof"], "", agent)
    assert case.number in str(refused.value)
    Material.objects.update(good_until=timezone.localdate() - timedelta(days=1))
    assert services.ask_for_material(other, ["income_proof"], "", agent).case.state == "supplementing"


def test_a_reply_brings_it_back_and_what_came_settles_the_request(case, agent):
    services.ask_for_material(case, ["merchant_proof"], "", agent)
    message = make_message(case.conversation, account=case.account, customer=case.customer)
    services.message_added(case.conversation_id, message.pk, is_new=False)
    case.refresh_from_db()
    assert (case.state, case.turn) == ("received", "staff")
    file = Attachment.objects.create(
        message=message, name="小票.jpg", content_type="image/jpeg", size=9, sha256="0" * 64, state="clean"
    )
    row = services.record_material(case, "merchant_proof", agent, attachment=file)
    assert row.attachment == file
    assert MaterialRequest.objects.get(case=case).status == "received"


def test_a_file_of_another_matter_is_refused(case, team, agent):
    other = make_message()
    file = Attachment.objects.create(message=other, name="x.pdf", content_type="application/pdf", size=1, sha256="0")
    with pytest.raises(services.CaseError):
        services.record_material(case, "merchant_proof", agent, attachment=file)


def test_unknown_material_is_refused(case, agent):
    for kinds in ([], ["cake"]):
        with pytest.raises(services.CaseError):
            services.ask_for_material(case, kinds, "", agent)
    with pytest.raises(services.CaseError):
        services.record_material(case, "cake", agent)


# Withdrawal


def test_withdrawing_ends_everything_the_same_day(case, agent):
    services.accept(case, agent)
    services.add_task(case, "核实签约", agent, assignee=agent)
    services.request_extension(case, "complex", "需调取凭证", agent)
    services.withdraw(case, agent, "客户来电撤回")
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("withdrawn", False)
    assert timezone.localdate(case.withdrawn_at) == timezone.localdate(case.closed_at) == timezone.localdate()
    assert case.tasks.filter(status="open").count() == 0
    assert case.approvals.filter(status="pending").count() == 0
    assert clock(case, "decision").state == "cancelled"
    assert case.next_due_at is None
    assert Mark.objects.filter(case=case, fact="decided").count() == 0
    assert events(case, "case.withdrawn").count() == 1


def test_withdrawing_by_the_workflows_own_door_is_the_same(case, agent):
    services.transition(case, "withdraw", agent)
    assert Case.objects.get(pk=case.pk).withdrawn_at is not None
    assert events(case, "case.withdrawn").count() == 1
    assert Customer.objects.count() == 1
