import pytest

from console.cases import services
from console.cases.models import CustomerNotice, ToldState
from console.events.models import Event
from tests.factories.cases import make_case
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db

DECISION = {"outcome": "upheld", "root_cause": "rules", "decision": "已为您关闭。"}


@pytest.fixture
def complaint(preset, team):
    return make_case("complaint", team=team)


def offers(case, user):
    return {offer.code: offer for offer in services.available_transitions(case, user)}


def test_an_agent_accepts_a_complaint(complaint, agent):
    services.transition(complaint, "accept", agent)
    assert (complaint.state, complaint.state_class) == ("investigating", "open")
    assert [row.state for row in complaint.intervals.all()] == ["received", "investigating"]


def test_a_move_that_does_not_start_here_is_refused(complaint, agent):
    with pytest.raises(services.CaseError) as refused:
        services.transition(complaint, "close", agent)
    assert refused.value.code == "not_here"


def test_somebody_of_another_team_may_not(complaint):
    stranger = make_user("agent", team=None)
    with pytest.raises(services.NotAllowed):
        services.transition(complaint, "accept", stranger)


def test_the_offers_say_why_not(complaint, agent):
    services.transition(complaint, "accept", agent)
    found = offers(complaint, agent)
    assert found["decide"].allowed
    assert [item.code for item in found["decide"].requires] == ["outcome", "root_cause", "decision"]
    assert not found["decide_grave"].allowed


def test_deciding_names_what_is_missing(complaint, agent):
    services.transition(complaint, "accept", agent)
    with pytest.raises(services.Incomplete) as refused:
        services.transition(complaint, "decide", agent, {"outcome": "upheld"})
    assert [item.code for item in refused.value.missing] == ["root_cause", "decision"]


def test_a_refused_move_leaves_nothing_behind(complaint, agent):
    services.transition(complaint, "accept", agent)
    with pytest.raises(services.Incomplete):
        services.transition(complaint, "decide", agent, {"outcome": "upheld"})
    complaint.refresh_from_db()
    assert complaint.outcome == ""


def test_a_decision_is_dated_and_told_of(complaint, agent):
    services.transition(complaint, "accept", agent)
    services.transition(complaint, "decide", agent, DECISION)
    assert complaint.state_class == "resolved"
    assert complaint.decided_at == complaint.resolved_at
    assert Event.objects.filter(stream=complaint.stream, type="case.decided").count() == 1


def decided(case, agent):
    services.transition(case, "accept", agent)
    services.transition(case, "decide", agent, DECISION)
    return case


def test_a_complaint_cannot_close_before_the_customer_knows(complaint, agent):
    decided(complaint, agent)
    assert [item.code for item in services.missing_for_closing(complaint)] == ["told"]
    with pytest.raises(services.Incomplete) as refused:
        services.transition(complaint, "close", agent)
    assert refused.value.missing[0].anchor == "notices"


def test_an_untouched_complaint_misses_everything(complaint):
    assert [item.code for item in services.missing_for_closing(complaint)] == ["outcome", "root_cause", "told"]


def test_a_told_customer_lets_it_close(complaint, agent):
    decided(complaint, agent)
    services.told_in_person(complaint, agent, "call")
    services.transition(complaint, "close", agent)
    assert (complaint.is_open, complaint.turn, complaint.told) == (False, "nobody", ToldState.TOLD)
    assert complaint.closed_at
    assert complaint.next_due_at is None


def test_a_recorded_reason_lets_it_close(complaint, agent):
    decided(complaint, agent)
    services.not_told(complaint, "客户已故,继承人未提供联系方式", agent)
    services.transition(complaint, "close", agent)
    assert not complaint.is_open
    assert complaint.clocks.get(kind="decision").state == "met"


def test_an_open_task_keeps_it_open(complaint, agent):
    decided(complaint, agent)
    services.told_in_person(complaint, agent)
    task = services.add_task(complaint, "调取录音", agent)
    assert [item.code for item in services.missing_for_closing(complaint)] == ["tasks"]
    services.finish_task(task, agent, "已调取")
    assert services.missing_for_closing(complaint) == []


def test_a_grave_complaint_needs_a_second_person(complaint, agent, officer):
    services.set_grade(complaint, 1, agent, "媒体关注")
    services.transition(complaint, "accept", agent)
    moved = services.transition(complaint, "decide_grave", agent, DECISION, "请审批")
    assert moved.waiting
    assert complaint.state == "investigating"
    services.decide_approval(moved.approval, officer, True)
    complaint.refresh_from_db()
    assert complaint.state == "decided"


def test_nobody_approves_their_own_request(complaint, officer):
    services.set_grade(complaint, 1, officer, "媒体关注")
    services.transition(complaint, "accept", officer)
    moved = services.transition(complaint, "decide_grave", officer, DECISION)
    with pytest.raises(services.NotAllowed) as refused:
        services.decide_approval(moved.approval, officer, True)
    assert refused.value.code == "own"


def test_a_rejection_needs_a_reason_and_moves_nothing(complaint, agent, officer):
    services.set_grade(complaint, 1, agent, "媒体关注")
    services.transition(complaint, "accept", agent)
    moved = services.transition(complaint, "decide_grave", agent, DECISION)
    with pytest.raises(services.CaseError):
        services.decide_approval(moved.approval, officer, False)
    services.decide_approval(moved.approval, officer, False, "证据不足")
    complaint.refresh_from_db()
    assert complaint.state == "investigating"
    with pytest.raises(services.CaseError):
        services.decide_approval(moved.approval, officer, True)


def test_the_same_step_is_not_asked_twice(complaint, agent):
    services.set_grade(complaint, 1, agent, "媒体关注")
    services.transition(complaint, "accept", agent)
    services.transition(complaint, "decide_grave", agent, DECISION)
    with pytest.raises(services.CaseError) as refused:
        services.transition(complaint, "decide_grave", agent, DECISION)
    assert refused.value.code == "pending"


def test_a_change_over_an_old_page_is_refused(complaint, agent):
    seen = complaint.revision
    services.retitle(complaint, "新的标题", agent)
    with pytest.raises(services.Stale):
        services.transition(complaint, "accept", agent, revision=seen)


def test_waiting_for_the_customer_pauses_the_update_clock_only(complaint, agent):
    services.transition(complaint, "accept", agent)
    services.transition(complaint, "ask_customer", agent)
    states = dict(complaint.clocks.values_list("kind", "state"))
    assert (states["update"], states["decision"]) == ("paused", "running")
    assert complaint.turn == "customer"


def test_withdrawing_ends_it_today(complaint, agent):
    services.withdraw(complaint, agent, "客户来电撤回")
    assert complaint.state == "withdrawn"
    assert complaint.withdrawn_at
    assert set(complaint.clocks.values_list("state", flat=True)) == {"cancelled"}


def test_reopening_begins_a_new_round(complaint, agent):
    decided(complaint, agent)
    services.told_in_person(complaint, agent)
    services.transition(complaint, "close", agent)
    services.reopen(complaint, agent, "客户不认可")
    assert (complaint.state, complaint.is_open, complaint.reopened) == ("investigating", True, 1)
    assert complaint.told == ToldState.NOT_YET
    assert complaint.clocks.get(kind="decision").state == "running"
    assert [item.code for item in services.missing_for_closing(complaint)] == ["told"]


def test_an_enquiry_closes_with_its_answer(preset, team, agent):
    case = make_case("enquiry", team=team)
    assert [item.code for item in services.missing_for_closing(case)] == ["answered"]
    services.answered(case, services.who(agent), "delivery:1", case.opened_at)
    services.transition(case, "close", agent)
    assert not case.is_open
    assert case.clocks.get(kind="first_response").state == "met"


def test_a_graver_grade_shortens_the_clocks_and_wants_a_reason(complaint, agent):
    before = complaint.clocks.get(kind="first_response").due_at
    with pytest.raises(services.CaseError) as refused:
        services.set_grade(complaint, 1, agent)
    assert refused.value.field == "grade_reason"
    services.set_grade(complaint, 1, agent, "媒体关注")
    assert complaint.clocks.get(kind="first_response").due_at < before


def test_the_suggested_grade_needs_no_reason(complaint, agent):
    services.set_fields(complaint, {"amount": 200000}, agent)
    assert services.suggest_grade(complaint) == 1
    services.set_grade(complaint, 1, agent)
    assert complaint.grade == 1


def test_every_step_is_on_the_record(complaint, agent):
    decided(complaint, agent)
    kinds = set(Event.objects.filter(stream=complaint.stream).values_list("type", flat=True))
    assert {"case.opened", "case.transitioned", "case.fields_changed", "case.decided"} <= kinds
    assert CustomerNotice.objects.filter(case=complaint).count() == 0
