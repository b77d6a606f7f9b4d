"""Notices, bounces, telling again; extensions; escalation."""

from datetime import timedelta

import pytest
from django.utils import timezone
from freezegun import freeze_time

from console.cases import services
from console.cases.models import Case, CustomerNotice, Escalation, Task, ToldState
from console.cases.services import escalation
from console.channels.models import Delivery
from console.events.models import Event
from tests.factories.cases import make_case, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(preset, team, agent):
    return make_case("complaint", team=team, owner=agent)


def deliver(case):
    message = make_message(case.conversation, direction="out")
    return Delivery.objects.create(
        message=message,
        account=message.account,
        send_class="statutory_notice",
        key=str(message.pk),
        give_up_at=timezone.now(),
        correlation_id="c",
        automatic=True,
    )


def decide(case):
    Case.objects.filter(pk=case.pk).update(outcome="upheld", root_cause="rules", decision="好")
    case.refresh_from_db()
    services.transition(case, "accept")
    services.transition(case, "decide")
    return case


def tell(case, kind="decision"):
    delivery = deliver(case)
    return services.record_notice(case, kind, delivery, channel_kind="email")


def test_a_notice_on_its_way_has_told_nobody(complaint):
    tell(decide(complaint))
    complaint.refresh_from_db()
    assert complaint.told == ToldState.PENDING
    assert [item.code for item in services.missing_for_closing(complaint)] == ["told"]


def test_an_accepted_notice_has_told_the_customer(complaint):
    notice = tell(decide(complaint))
    services.settle_delivery(notice.delivery_id, "accepted")
    complaint.refresh_from_db()
    assert complaint.told == ToldState.TOLD
    assert complaint.clocks.get(kind="decision").state == "met"
    assert services.missing_for_closing(complaint) == []


def test_an_unknown_fate_is_not_told(complaint):
    notice = tell(decide(complaint))
    services.settle_delivery(notice.delivery_id, "unknown")
    complaint.refresh_from_db()
    assert complaint.told == ToldState.PENDING
    assert CustomerNotice.objects.get().status == "unknown"


def bounced_after_closing(case):
    notice = tell(decide(case))
    services.settle_delivery(notice.delivery_id, "accepted")
    services.transition(case, "close")
    services.settle_delivery(notice.delivery_id, "bounced")
    case.refresh_from_db()
    return notice


def test_a_bounce_after_closing_opens_the_telling_again(complaint, agent):
    notice = bounced_after_closing(complaint)
    assert complaint.told == ToldState.FAILED
    assert complaint.clocks.get(kind="decision").state == "running"
    task = Task.objects.get(case=complaint)
    assert (task.kind, task.assignee_id, task.key) == ("tell", agent.pk, f"tell:{notice.pk}")
    assert Event.objects.filter(stream=complaint.stream, type="case.tell_again").count() == 1


def test_the_same_bounce_twice_is_one_task(complaint):
    notice = bounced_after_closing(complaint)
    services.settle_delivery(notice.delivery_id, "bounced")
    assert Task.objects.filter(case=complaint).count() == 1


def test_telling_again_ends_the_task(complaint):
    bounced_after_closing(complaint)
    services.settle_delivery(tell(complaint).delivery_id, "accepted")
    complaint.refresh_from_db()
    assert complaint.told == ToldState.TOLD
    assert Task.objects.get(case=complaint).status == "done"


def test_when_no_way_is_left_somebody_calls(complaint, agent):
    notice = bounced_after_closing(complaint)
    assert services.ask_for_call(complaint, notice.pk).kind == "call"
    services.told_in_person(complaint, agent, "call")
    assert Task.objects.get(case=complaint).status == "done"


def test_an_answer_that_failed_answered_nobody(complaint, agent):
    delivery = deliver(complaint)
    services.answered(complaint, services.who(agent), f"delivery:{delivery.pk}", timezone.now())
    assert complaint.clocks.get(kind="first_response").state == "met"
    services.settle_delivery(delivery.pk, "failed")
    assert complaint.clocks.get(kind="first_response").state == "running"


def test_the_acknowledgement_is_recorded_once(complaint):
    first = tell(complaint, "acknowledgement")
    assert services.record_notice(complaint, "acknowledgement", reason="again") == first


def test_a_notice_not_sent_needs_a_reason(complaint):
    with pytest.raises(services.CaseError):
        services.record_notice(complaint, "decision")


# Extensions


def due(case):
    return case.clocks.get(kind="decision").due_at


def test_an_extension_waits_for_a_second_person(complaint, agent, supervisor):
    before = due(complaint)
    extension = services.request_extension(complaint, "complex", "需调取凭证", agent)
    assert (extension.status, due(complaint)) == ("requested", before)
    services.decide_approval(extension.approval, supervisor, True)
    assert due(complaint) == before + timedelta(days=15)
    event = Event.objects.get(stream=complaint.stream, type="case.extended")
    assert event.data["tells_customer"] is True


def test_a_refused_extension_changes_nothing(complaint, agent, supervisor):
    before = due(complaint)
    extension = services.request_extension(complaint, "complex", "需调取凭证", agent)
    services.decide_approval(extension.approval, supervisor, False, "理由不足")
    extension.refresh_from_db()
    assert (extension.status, due(complaint)) == ("refused", before)
    assert services.request_extension(complaint, "complex", "补充理由", agent).status == "requested"


def test_the_second_step_comes_after_the_first_and_ends_at_sixty_days(complaint, agent, supervisor, officer):
    with pytest.raises(services.CaseError) as refused:
        services.request_extension(complaint, "special", "特殊原因", agent)
    assert refused.value.code == "order"
    begun = complaint.clocks.get(kind="decision").started_at
    first = services.request_extension(complaint, "complex", "需调取凭证", agent)
    services.decide_approval(first.approval, supervisor, True)
    second = services.request_extension(complaint, "special", "特殊原因", agent)
    services.decide_approval(second.approval, officer, True)
    assert due(complaint) == begun + timedelta(days=60)
    assert services.available_extensions(complaint) == []


def test_the_extension_has_a_clock_of_its_own(complaint, agent, supervisor):
    extension = services.request_extension(complaint, "complex", "需调取凭证", agent)
    assert complaint.clocks.get(kind="extension").state == "running"
    services.decide_approval(extension.approval, supervisor, True)
    assert complaint.clocks.get(kind="extension").state == "met"


# Escalation


def fired(case):
    return list(Escalation.objects.filter(case=case).order_by("fired_at", "pk").values_list("kind", "step__target"))


def test_people_hear_before_the_deadline_and_at_it(complaint, agent, supervisor, officer):
    decision = due(complaint)
    with freeze_time(decision - timedelta(hours=70)):
        while escalation.drain():
            pass
    assert ("decision", "owner") in fired(complaint)
    assert ("decision", "supervisor") not in fired(complaint)
    with freeze_time(decision + timedelta(minutes=1)):
        while escalation.drain():
            pass
    told = Escalation.objects.get(case=complaint, kind="decision", step__target="complaint_officer")
    assert told.people == [officer.pk]
    assert Task.objects.filter(case=complaint, kind="escalation", assignee=officer).count() == 1
    complaint.refresh_from_db()
    assert complaint.breached


def test_each_step_is_taken_once(complaint, supervisor):
    later = due(complaint) + timedelta(minutes=1)
    with freeze_time(later):
        while escalation.drain():
            pass
        count = Escalation.objects.count()
        escalation.check_case(complaint)
        while escalation.drain():
            pass
    assert count == Escalation.objects.count()
    complaint.refresh_from_db()
    assert complaint.next_check_at is None


def test_a_new_deadline_is_warned_of_again(complaint, agent, supervisor):
    with freeze_time(due(complaint) - timedelta(hours=70)):
        while escalation.drain():
            pass
        extension = services.request_extension(complaint, "complex", "需调取凭证", agent)
        services.decide_approval(extension.approval, supervisor, True)
    with freeze_time(due(complaint) - timedelta(hours=70)):
        while escalation.drain():
            pass
    assert fired(complaint).count(("decision", "owner")) == 2


def test_nothing_is_due_early(complaint):
    assert escalation.drain() == 0


def test_due_cases_are_found_for_the_sweeper(complaint):
    assert escalation.due_cases().filter(next_attempt_at__lte=due(complaint)).count() == 1


def test_a_notice_that_arrives_overtakes_nobody_who_has_the_case_open(complaint, agent):
    services.transition(complaint, "accept", agent)
    seen = Case.objects.get(pk=complaint.pk).revision
    services.settle_delivery(tell(complaint, "acceptance").delivery_id, "accepted")
    services.retitle(complaint, "另一个标题", agent, revision=seen)
    assert Case.objects.get(pk=complaint.pk).revision == seen + 1


def test_many_deliveries_settle_with_the_queries_of_one(preset, team, django_assert_max_num_queries):
    cases = [make_case("complaint", team=team) for _ in range(6)]
    notices = [tell(case, "acknowledgement") for case in cases]
    stray = deliver(cases[0])
    news = [services.Settled(one, "accepted") for one in (*(notice.delivery_id for notice in notices), stray.pk)]
    with django_assert_max_num_queries(14):
        settled = services.settle_deliveries(news)
    assert set(settled) == {notice.delivery_id for notice in notices}
    assert {notice.status for notice in CustomerNotice.objects.all()} == {"sent"}
    for case in cases:
        assert case.clocks.get(kind="acknowledge").state == "met"
        assert Case.objects.get(pk=case.pk).revision == case.revision
    services.settle_deliveries(news)
    assert {case.marks.filter(fact="acknowledged").count() for case in cases} == {1}


def test_a_change_writes_what_changed_and_nothing_else(complaint):
    with services.base.changing(complaint) as row:
        Case.objects.filter(pk=row.pk).update(subject="written past the change")
        row.data["odd"] = ["changed in place"]
    complaint.refresh_from_db()
    assert (complaint.subject, complaint.data) == ("written past the change", {"odd": ["changed in place"]})
