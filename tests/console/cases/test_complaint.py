"""Recusal, parties, redress, re-checks, proceedings, forwarded items."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from console.cases import queries, search, services
from console.cases.models import Approval, Case, Forwarding, Interest, Party, Proceeding, Recheck, RedressLimit
from console.cases.services import escalation
from console.events.models import Event
from console.foundation.search import engine
from console.staff.access import can
from tests.console.cases.test_telling import tell
from tests.factories.cases import make_case
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def case(preset, team, agent):
    return make_case("complaint", team=team, owner=agent)


def events(case, type_):
    return Event.objects.filter(stream=case.stream, type=type_)


def decide(case, told=True):
    services.accept(case)
    services.transition(case, "decide", data={"outcome": "upheld", "root_cause": "rules", "decision": "好"})
    if told:
        services.settle_delivery(tell(case).delivery_id, "accepted")
        case.refresh_from_db()
    return case


# Recusal


def test_an_interest_takes_the_work_away(case, agent, team):
    services.add_task(case, "核实", agent, assignee=agent)
    services.request_extension(case, "complex", "需调取凭证", agent)
    services.declare_interest(case, agent, "当事人是我的亲属", agent)
    assert (case.owner, case.team, case.recused) == (None, team, [agent.pk])
    assert case.tasks.get().assignee is None
    assert case.approvals.get().status == "cancelled"
    assert events(case, "case.recused").get().data["user_id"] == agent.pk


ACTS = [
    lambda case, user: services.accept(case, user),
    lambda case, user: services.decide(case, user, outcome="upheld"),
    lambda case, user: services.assign(case, user, owner=user),
    lambda case, user: services.request_extension(case, "complex", "x", user),
    lambda case, user: services.reply(case, "您好", user),
    lambda case, user: services.add_redress(case, "apology", user),
    lambda case, user: services.withdraw(case, user),
    lambda case, user: services.add_note(case, "x", user),
]


@pytest.mark.parametrize("number", range(len(ACTS)))
def test_whoever_has_an_interest_does_nothing(case, supervisor, number):
    services.declare_interest(case, supervisor, "亲属", supervisor)
    with pytest.raises(services.NotAllowed) as refused:
        ACTS[number](case, supervisor)
    assert refused.value.code == "interest"


def test_nor_is_given_the_work(case, agent, supervisor):
    services.declare_interest(case, agent, "亲属", supervisor)
    for give in (
        lambda: services.assign(case, supervisor, owner=agent),
        lambda: services.add_task(case, "核实", supervisor, assignee=agent),
        lambda: services.add_participant(case, agent, supervisor),
    ):
        with pytest.raises(services.CaseError) as refused:
            give()
        assert refused.value.code == "interest"


def test_nor_approves(case, agent, supervisor):
    extension = services.request_extension(case, "complex", "需调取凭证", agent)
    services.declare_interest(case, supervisor, "亲属", supervisor)
    approval = Approval.objects.get(pk=extension.approval_id)
    assert not services.may_decide(approval, supervisor)
    with pytest.raises(services.NotAllowed):
        services.decide_approval(approval, supervisor, True)
    assert queries.approvals_for(supervisor).count() == 0


def test_nor_sees_it_where_the_type_says_so(case, officer):
    services.declare_interest(case, officer, "亲属", officer)
    assert not Case.objects.visible_to(officer).exists()
    assert not can(officer, "case.view", case)


def test_rank_does_not_lift_it(case):
    chief = make_user("administrator", is_superuser=True)
    services.declare_interest(case, chief, "亲属", chief)
    assert not Case.objects.visible_to(chief).filter(pk=case.pk).exists()
    with pytest.raises(services.NotAllowed):
        services.accept(case, chief)


def test_where_the_type_lets_them_look_they_may_look(preset, team, agent):
    case = make_case("enquiry", team=team)
    services.declare_interest(case, agent, "亲属", agent)
    assert Case.objects.visible_to(agent).get() == case
    assert (can(agent, "case.view", case), can(agent, "case.work", case)) == (True, False)


def test_others_interests_are_recorded_by_leads(case, agent, supervisor):
    other = make_user("agent", team=case.team)
    with pytest.raises(services.NotAllowed):
        services.declare_interest(case, other, "亲属", agent)
    services.declare_interest(case, other, "亲属", supervisor)
    with pytest.raises(services.CaseError):
        services.declare_interest(case, other, "亲属", supervisor)


def test_nobody_lifts_their_own_recusal(case, supervisor, officer):
    row = services.declare_interest(case, supervisor, "亲属", supervisor)
    with pytest.raises(services.NotAllowed):
        services.end_interest(row, supervisor, "没有了")
    services.end_interest(row, officer, "登记有误")
    case.refresh_from_db()
    assert case.recused == []
    assert Case.objects.visible_to(supervisor).exists()
    services.accept(case, supervisor)


def test_deadlines_are_told_to_others(case, supervisor):
    assert escalation.people_for(case, "supervisor") == [supervisor.pk]
    services.declare_interest(case, supervisor, "亲属", supervisor)
    assert supervisor.pk not in escalation.people_for(case, "supervisor")


# Parties


def agent_of(case, actor, **values):
    return services.add_party(case, "agent", "李律师", actor, scope=["speak", "receive"], **values)


def test_an_agent_acts_once_the_papers_are_there(case, agent):
    party = agent_of(case, agent, contact="13900139000", expires_on=TODAY() + timedelta(days=30))
    spec = services.workflow.spec_of(case.version)
    assert [row.code for row in services.lacking(party, spec)] == ["authorisation", "agent_identity"]
    assert not services.may_act(party, "receive")
    assert "parties" in [item.code for item in services.missing_for_closing(case)]
    for kind in ("authorisation", "agent_identity"):
        services.record_material(case, kind, agent, party=party, original_seen=True)
    party = Party.objects.get(pk=party.pk)
    assert (services.may_act(party, "receive"), services.may_act(party, "settle")) == (True, False)
    assert "parties" not in [item.code for item in services.missing_for_closing(case)]


def test_their_names_are_kept_encrypted(case, agent):
    from django.db import connection

    party = agent_of(case, agent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM cases_party WHERE id = %s", [party.pk])
        assert "李律师" not in str(cursor.fetchone()[0])


def test_an_authority_ends_with_its_day(case, agent):
    party = agent_of(case, agent, valid_from=TODAY() - timedelta(days=9), expires_on=TODAY() - timedelta(days=1))
    assert (party.in_force, party.expired) == (False, True)
    assert not services.may_act(party, "speak")


def with_papers(case, actor, scope, **values):
    party = services.add_party(case, "agent", "李律师", actor, scope=scope, **values)
    for kind in ("authorisation", "agent_identity"):
        services.record_material(case, kind, actor, party=party, original_seen=True)
    return party


def test_an_agent_withdraws_within_their_authority_and_the_record_says_who(case, agent):
    party = with_papers(case, agent, ["speak", "withdraw"])
    services.withdraw(case, agent, "客户委托撤回", party=party.pk)
    assert case.state == "withdrawn"
    assert events(case, "case.withdrawn").get().data["party_id"] == party.pk


@pytest.mark.parametrize("door", ["service", "transition"])
@pytest.mark.parametrize("why", ["scope", "expired", "papers", "ended", "other matter", "nonsense"])
def test_beyond_it_nothing_is_withdrawn(case, agent, team, why, door):
    scope = ["speak"] if why == "scope" else ["withdraw"]
    past = {"valid_from": TODAY() - timedelta(days=9), "expires_on": TODAY() - timedelta(days=1)}
    where = make_case("complaint", team=team) if why == "other matter" else case
    if why == "papers":
        party = services.add_party(where, "agent", "李律师", agent, scope=scope)
    else:
        party = with_papers(where, agent, scope, **(past if why == "expired" else {}))
    if why == "ended":
        services.end_party(party, agent)
    pk = "x" if why == "nonsense" else party.pk
    doors = {
        "service": lambda: services.withdraw(case, agent, party=pk),
        "transition": lambda: services.transition(case, "withdraw", agent, {"party": pk}),
    }
    with pytest.raises(services.CaseError) as refused:
        doors[door]()
    assert refused.value.field == "party"
    case.refresh_from_db()
    assert case.is_open


def test_ending_one_is_once(case, agent):
    party = agent_of(case, agent)
    services.end_party(party, agent)
    services.end_party(party, agent)
    assert events(case, "case.party_ended").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "cousin"},
        {"name": " "},
        {"scope": []},
        {"scope": ["fly"]},
        {"expires_on": TODAY() - timedelta(days=1)},
    ],
)
def test_what_does_not_make_a_party(case, agent, wrong):
    values = {"role": "agent", "name": "李律师", "scope": ["speak"]} | wrong
    with pytest.raises(services.CaseError):
        services.add_party(case, values.pop("role"), values.pop("name"), agent, **values)
    assert Party.objects.count() == 0


def test_a_joint_complaint_has_five_representatives(case, agent):
    rows = [services.add_party(case, "representative", f"代表{n}", agent, scope=["speak"]) for n in range(5)]
    with pytest.raises(services.CaseError) as refused:
        services.add_party(case, "representative", "代表六", agent, scope=["speak"])
    assert refused.value.code == "too_many"
    assert "2020年第3号" in str(refused.value)
    services.add_party(case, "complainant", "共同投诉人", agent)
    services.end_party(rows[0], agent)
    services.add_party(case, "representative", "代表六", agent, scope=["speak"])


# Redress


def test_small_redress_needs_nobody(case, supervisor):
    row = services.add_redress(case, "refund", supervisor, amount=Decimal("35"))
    assert (row.status, row.approval) == ("approved", None)


def test_above_the_limit_a_second_person_approves(case, supervisor, officer):
    row = services.add_redress(case, "compensation", supervisor, amount=Decimal("5000"), note="误工损失")
    assert (row.status, row.approval.role) == ("asked", "complaint_officer")
    with pytest.raises(services.CaseError):
        services.pay_redress(row, supervisor)
    services.decide_approval(row.approval, officer, True)
    row.refresh_from_db()
    assert row.status == "approved"
    services.pay_redress(row, supervisor, reference="FT2026-1")
    assert (row.status, row.paid_on, row.reference, row.paid_by) == ("paid", TODAY(), "FT2026-1", supervisor)


def test_each_limit_names_its_own_role(case, supervisor):
    assert services.add_redress(case, "refund", supervisor, amount=Decimal("50001")).approval.role == "administrator"


def test_an_amount_no_limit_covers_is_refused(case, supervisor):
    RedressLimit.objects.filter(version=case.version, up_to=None)._raw_delete("default")
    from console.cases import config

    config.forget()
    with pytest.raises(services.CaseError) as refused:
        services.add_redress(case, "refund", supervisor, amount=Decimal("60000"))
    assert refused.value.field == "amount"


def test_a_refused_proposal_is_not_paid(case, supervisor, officer):
    row = services.add_redress(case, "refund", supervisor, amount=Decimal("5000"))
    services.decide_approval(row.approval, officer, False, "金额过高")
    row.refresh_from_db()
    assert row.status == "refused"
    with pytest.raises(services.CaseError):
        services.pay_redress(row, supervisor)


def test_a_proposal_can_be_taken_back_and_what_is_paid_cannot(case, supervisor):
    asked = services.add_redress(case, "refund", supervisor, amount=Decimal("5000"))
    services.cancel_redress(asked, supervisor)
    assert (asked.status, Approval.objects.get().status) == ("cancelled", "cancelled")
    paid = services.pay_redress(services.add_redress(case, "refund", supervisor, amount=Decimal("5")), supervisor)
    with pytest.raises(services.CaseError):
        services.cancel_redress(paid, supervisor)


def test_approved_money_is_paid_before_closing(case, supervisor):
    row = services.add_redress(case, "refund", supervisor, amount=Decimal("35"))
    services.add_redress(case, "apology", supervisor)
    assert "redress" in [item.code for item in services.missing_for_closing(case)]
    with pytest.raises(services.CaseError):
        services.pay_redress(row, supervisor, paid_on=TODAY() + timedelta(days=1))
    services.pay_redress(row, supervisor)
    assert "redress" not in [item.code for item in services.missing_for_closing(case)]


# Re-check


@pytest.fixture
def superior(preset):
    return TeamFactory(code="recheck")


def test_a_recheck_is_a_case_of_the_superior_team(case, agent, superior):
    decide(case)
    made = services.ask_for_recheck(case, "认定事实有误", agent)
    second = made.case
    assert (second.type.code, second.team, second.customer, second.owner) == ("recheck", superior, case.customer, None)
    assert made.reason == "认定事实有误"
    assert second.clocks.get(kind="decision").due_at == second.reached_at + timedelta(days=30)
    assert list(second.links.values_list("kind", "other")) == [("recheck", case.pk)]
    assert services.current_case(case.conversation_id) == second


def test_whoever_handled_it_keeps_out_of_the_recheck(case, agent, supervisor, officer, superior):
    services.accept(case, supervisor)
    services.decide(case, agent, outcome="upheld", root_cause="rules", decision="好")
    services.transition(case, "decide", agent)
    services.settle_delivery(tell(case).delivery_id, "accepted")
    case.refresh_from_db()
    second = services.ask_for_recheck(case, "不服", officer).case
    assert set(second.recused) == {agent.pk, supervisor.pk}
    assert not Case.objects.visible_to(supervisor).filter(pk=second.pk).exists()
    with pytest.raises(services.NotAllowed):
        services.accept(second, agent)
    services.accept(second, officer)


def test_an_interest_goes_with_the_matter(case, agent, officer, superior):
    decide(case)
    services.declare_interest(case, officer, "亲属", officer)
    second = services.ask_for_recheck(case, "不服", agent).case
    assert officer.pk in second.recused


def test_only_what_is_decided_and_once_at_a_time(case, agent, superior):
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_recheck(case, "不服", agent)
    assert refused.value.code == "undecided"
    decide(case)
    services.ask_for_recheck(case, "不服", agent)
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_recheck(case, "还是不服", agent)
    assert refused.value.code == "open"


def test_the_time_to_ask_is_thirty_days_after_the_telling(case, agent, superior):
    decide(case)
    told = case.marks.get(fact="told").at
    assert services.ask_until(case) == told + timedelta(days=30)
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_recheck(case, "不服", agent, asked_at=told + timedelta(days=31))
    assert refused.value.code == "late"


def test_a_superior_team_that_is_not_there_is_named(case, agent):
    with pytest.raises(services.CaseError) as refused:
        services.ask_for_recheck(decide(case), "不服", agent)
    assert refused.value.code == "no_team"
    assert Recheck.objects.count() == 0


def finish(second, officer, outcome):
    services.accept(second, officer)
    values = {"outcome": outcome, "root_cause": "facts", "decision": "核查完毕"}
    services.transition(second, "decide", officer, values)


@pytest.mark.parametrize(
    ("outcome", "state"), [("kept", "decided"), ("changed", "decided"), ("returned", "investigating")]
)
def test_what_comes_of_it(case, agent, officer, superior, outcome, state):
    decide(case)
    second = services.ask_for_recheck(case, "不服", agent).case
    finish(second, officer, outcome)
    case.refresh_from_db()
    assert case.state == state
    assert events(case, "case.recheck_decided").get().data["reopens"] is (outcome == "returned")


# Proceedings


def test_mediation_and_back(case, agent):
    services.accept(case, agent)
    due = case.clocks.get(kind="decision").due_at
    services.begin_proceeding(case, "mediation", "上海银行业纠纷调解中心", agent, reference="调2026-8")
    row = Proceeding.objects.get(case=case)
    assert (case.state, row.kind, row.reference, row.started_on) == ("mediation", "mediation", "调2026-8", TODAY())
    assert (case.clocks.get(kind="decision").due_at, case.clocks.get(kind="decision").state) == (due, "running")
    with pytest.raises(services.CaseError):
        services.end_proceeding(case, " ", agent)
    services.end_proceeding(case, "双方达成和解", agent)
    row.refresh_from_db()
    assert (case.state, row.ended_on, row.result) == ("investigating", TODAY(), "双方达成和解")


def test_a_lawsuit_after_the_decision_reopens_nothing(case, agent):
    decide(case)
    services.begin_proceeding(case, "lawsuit", "浦东新区人民法院", agent)
    assert (case.state, case.reopened, case.told) == ("lawsuit_after", 0, "told")
    services.end_proceeding(case, "驳回", agent)
    assert case.state == "decided"


@pytest.mark.parametrize("wrong", [{"body": " "}, {"kind": "duel"}, {"started_on": TODAY() + timedelta(days=1)}])
def test_what_is_no_proceeding(case, agent, wrong):
    services.accept(case, agent)
    values = {"kind": "lawsuit", "body": "法院"} | wrong
    with pytest.raises(services.CaseError):
        services.begin_proceeding(case, values.pop("kind"), values.pop("body"), agent, **values)
    assert Proceeding.objects.count() == 0


# Forwarded items


def test_a_forwarded_item_keeps_number_and_clock(case, agent):
    row = services.record_forwarding(case, "国家金融监督管理总局上海监管局", "沪金监转〔2026〕118号", agent)
    clock = case.clocks.get(kind="regulator")
    assert clock.due_at == row.reached_at + timedelta(days=15)
    search.index_cases()
    assert [hit.object_id for hit in engine.search("case", "沪金监转〔2026〕118号")] == [case.pk]


def test_the_date_the_regulator_wrote_comes_first(case, agent):
    by = timezone.now() + timedelta(days=7)
    services.record_forwarding(case, "12378", "A1", agent, answer_by=by)
    assert case.clocks.get(kind="regulator").due_at == by


def test_the_regulators_clock_ends_with_its_answer_alone(case, agent):
    row = services.record_forwarding(case, "12378", "A1", agent)
    assert "forwarding" in [item.code for item in services.missing_for_closing(case)]
    services.withdraw(case, agent)
    assert case.clocks.get(kind="regulator").state == "running"
    services.answer_regulator(row, agent, reference="复2026-1")
    assert case.clocks.get(kind="regulator").state == "met"
    with pytest.raises(services.CaseError):
        services.answer_regulator(row, agent)


def test_the_same_item_is_on_file_once(case, team, agent):
    services.record_forwarding(case, "12378", "A1", agent)
    other = make_case("complaint", team=team)
    with pytest.raises(services.CaseError) as refused:
        services.record_forwarding(other, "12378", "A1", agent)
    assert case.number in str(refused.value)
    assert Forwarding.objects.count() == 1


def test_an_answer_is_not_given_before_it_was_asked(case, agent):
    row = services.record_forwarding(case, "12378", "A1", agent)
    for day in (TODAY() - timedelta(days=1), TODAY() + timedelta(days=1)):
        with pytest.raises(services.CaseError):
            services.answer_regulator(row, agent, answered_on=day)


def test_interests_end_up_in_rows_and_on_the_case_alike(case, agent, supervisor, officer):
    services.declare_interest(case, agent, "亲属", agent)
    row = services.declare_interest(case, supervisor, "亲属", supervisor)
    services.end_interest(row, officer, "有误")
    case.refresh_from_db()
    open_rows = Interest.objects.filter(case=case, ended_at=None)
    assert case.recused == sorted(open_rows.values_list("user_id", flat=True))
