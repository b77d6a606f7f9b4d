from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import services
from console.cases.models import Case, CaseConversation, CaseIndex, CaseLink, StateInterval
from console.events.models import Event
from tests.factories.cases import make_case, make_message
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


def test_a_case_opens_with_number_clocks_and_history(preset):
    case = make_case("complaint")
    assert case.number.startswith(f"HY-{timezone.localtime().year}-")
    assert (case.state, case.state_class, case.is_open, case.turn) == ("received", "new", True, "staff")
    kinds = {"acknowledge", "acceptance", "first_response", "update", "decision"}
    assert set(case.clocks.values_list("kind", flat=True)) == kinds
    assert StateInterval.objects.get(case=case).started_at == case.reached_at
    assert CaseConversation.objects.filter(case=case, conversation=case.conversation).exists()
    assert Event.objects.filter(stream=case.stream, type="case.opened").count() == 1


def test_numbers_do_not_repeat(preset):
    assert len({make_case("enquiry").number for _ in range(3)}) == 3


def test_clocks_start_when_the_voice_reached_the_bank(preset):
    saturday = timezone.now() - timedelta(days=2)
    case = make_case("complaint", reached_at=saturday)
    decision = case.clocks.get(kind="decision")
    assert decision.started_at == saturday
    assert decision.due_at == saturday + timedelta(days=15)
    assert case.reached_at == saturday


def test_the_case_shows_what_breaches_first(preset):
    case = make_case("complaint")
    earliest = min(case.clocks.values_list("due_at", flat=True))
    assert (case.next_due_at, case.due_key) == (earliest, earliest)
    assert case.next_check_at < earliest


def test_a_voice_from_the_future_starts_now(preset):
    case = make_case("enquiry", reached_at=timezone.now() + timedelta(days=1))
    assert case.reached_at <= timezone.now()


def test_it_keeps_the_version_it_began_with(preset):
    from console.cases.models import CaseType
    from console.cases.services import versions

    case = make_case("complaint")
    draft = versions.draft_of(CaseType.objects.get(code="complaint"))
    versions.activate(draft, None, "second edition")
    later = make_case("complaint")
    case.refresh_from_db()
    assert (case.version.number, later.version.number) == (1, 2)


def test_fields_are_checked_and_indexed(preset):
    case = make_case("complaint", data={"amount": "268.50", "branch": "静安支行"})
    assert case.data == {"amount": 268.5, "branch": "静安支行"}
    assert set(CaseIndex.objects.filter(case=case).values_list("field", flat=True)) == {"amount", "branch"}


@pytest.mark.parametrize(("data", "field"), [({"amount": "many"}, "amount"), ({"nonsense": 1}, "nonsense")])
def test_a_value_that_does_not_fit_is_refused(preset, data, field):
    with pytest.raises(services.CaseError) as refused:
        make_case("complaint", data=data)
    assert refused.value.field == field


def test_a_type_without_active_version_is_refused(db):
    with pytest.raises(services.CaseError) as refused:
        services.open_case("nothing")
    assert refused.value.code == "no_active_version"


def test_only_those_who_may_open_cases_do(preset, agent):
    auditor = make_user("auditor")
    assert services.open_case("enquiry", actor=agent, subject="年费").number
    with pytest.raises(services.NotAllowed):
        services.open_case("enquiry", actor=auditor, subject="年费")


def test_the_team_brings_its_site(preset, team):
    case = make_case("enquiry", team=team)
    assert (case.team_id, case.site_id) == (team.pk, team.site_id)


def test_a_case_can_follow_another(preset):
    first = make_case("enquiry")
    second = make_case("enquiry", follows=first)
    assert CaseLink.objects.get(case=second).other == first


def test_a_case_without_subject_takes_the_first_words(preset):
    message = make_message(subject="", text="  请问  年费怎么收  ")
    assert make_case("enquiry", message=message).subject == "请问 年费怎么收"


def test_opening_costs_few_queries(preset, django_assert_max_num_queries):
    make_case("complaint")
    message = make_message()
    with django_assert_max_num_queries(8):
        services.open_case("complaint", message.customer, message.entry.conversation, message)


def test_many_are_opened_with_the_queries_of_one(preset, django_assert_max_num_queries):
    make_case("complaint")
    messages = [make_message() for _ in range(10)]
    openings = [
        services.Opening(
            type="complaint", customer=one.customer, conversation=one.entry.conversation, message=one, grade=grade
        )
        for grade, one in zip([1, 2] * 5, messages, strict=True)
    ]
    with django_assert_max_num_queries(8):
        cases = services.open_cases(openings)
    assert len({case.number for case in cases}) == 10
    assert [case.origin_id for case in cases] == [one.pk for one in messages]
    assert [case.grade for case in Case.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk")] == [1, 2] * 5
    assert all(case.clocks.filter(kind="decision", state="running").exists() for case in cases)
    assert Event.objects.filter(type="case.opened", stream__in=[case.stream for case in cases]).count() == 10
