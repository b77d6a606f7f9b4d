"""Customers who come again: the earlier case stands above, four reasons are asked, and the answer can be filtered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import config, queries, services
from console.cases.models import Case, CaseLink, Limit
from console.cases.services.base import CaseError, NotAllowed
from console.events.models import Event
from tests.factories.cases import make_case, make_message
from tests.factories.customers import make_customer
from tests.factories.staff import TeamFactory, make_user


@pytest.fixture
def again(preset, agent, team):
    """Two matters of one customer, the second so many days after the first (three unless told)."""

    def make(days: float = 3, **values) -> tuple[Case, Case]:
        customer = make_customer()
        cases = [make_case(message=make_message(customer=customer), team=team, owner=agent) for _n in range(2)]
        before = timezone.now() - timedelta(days=days)
        Case.objects.filter(pk=cases[0].pk).update(
            **({"opened_at": before, "reached_at": before, "last_inbound_at": before} | values)
        )
        return Case.objects.get(pk=cases[0].pk), Case.objects.get(pk=cases[1].pk)

    return make


def do(case, name="repeat"):
    return f"/console/desk/cases/{case.number}/do/{name}/"


def shown(client, case):
    return client.get(f"/console/desk/cases/{case.number}/").context["head"].repeat


def test_the_earlier_case_stands_above_with_the_four_reasons(desk, again):
    earlier, case = again()
    page = desk.get(f"/console/desk/cases/{case.number}/").content.decode()
    assert earlier.number in page
    for reason in ("dissatisfied", "new_matter", "hesitating", "curious"):
        assert f'name="reason" value="{reason}"' in page
    assert shown(desk, earlier) is None


@pytest.mark.parametrize(("days", "soon"), [(1, True), (3, False)])
def test_within_two_days_is_a_sign_of_its_own(desk, again, days, soon):
    assert shown(desk, again(days)[1]).soon is soon


def test_beyond_the_window_nothing_is_asked(desk, again):
    assert shown(desk, again(8)[1]) is None


def test_a_matter_resolved_within_the_window_counts(desk, again):
    earlier, case = again(30, resolved_at=timezone.now() - timedelta(days=2))
    assert shown(desk, case).case == earlier


def test_the_window_is_a_row_of_the_case_type(desk, again):
    _earlier, case = again(10)
    row = Limit.objects.get(version=case.version, kind="repeat_days")
    Limit.objects.filter(pk=row.pk).update(amount=14)
    config.forget()
    assert shown(desk, case)
    Limit.objects.filter(pk=row.pk).update(amount=0)
    config.forget()
    assert shown(desk, case) is None
    Limit.objects.filter(pk=row.pk).delete()
    config.forget()
    assert services.window_of(case) == timedelta(days=7)


def test_other_customers_and_cases_out_of_sight_are_not_shown(desk, again):
    earlier, case = again()
    far = TeamFactory(code="far")
    Case.objects.filter(pk=earlier.pk).update(team=far, site=far.site, owner=None)
    assert shown(desk, case) is None
    Case.objects.filter(pk=earlier.pk).update(team=case.team, site=case.site, customer=make_customer())
    assert shown(desk, case) is None


def test_what_was_split_off_here_is_no_repeat(desk, again):
    earlier, case = again()
    CaseLink.objects.create(case=case, other=earlier, kind="split")
    assert shown(desk, case) is None


def test_one_press_answers_and_links(htmx, again, agent):
    earlier, case = again()
    answer = htmx("post", do(case), earlier=earlier.number, reason="dissatisfied", together="on")
    case.refresh_from_db()
    assert (case.repeat_reason, case.repeat_of) == ("dissatisfied", earlier)
    assert CaseLink.objects.filter(case=case, other=earlier, kind="follow_up").exists()
    event = Event.objects.get(type="case.repeat")
    assert event.data["reason"] == "dissatisfied"
    assert event.data["earlier_id"] == earlier.pk
    text = answer.content.decode()
    assert "再次来访：对答复不满意" in text
    assert 'id="repeat-words"' not in text


def test_answering_without_linking_and_correcting_later(htmx, again):
    earlier, case = again()
    htmx("post", do(case), earlier=earlier.number, reason="curious")
    htmx("post", do(case), earlier=earlier.number, reason="new_matter")
    case.refresh_from_db()
    assert case.repeat_reason == "new_matter"
    assert not CaseLink.objects.filter(case=case).exists()


def test_joining_is_offered_filled_in(htmx, again):
    earlier, case = again()
    form = htmx("get", do(case, "link"), number=earlier.number, kind="duplicate").context["form"]
    assert (form["number"].value(), form["kind"].value()) == (earlier.number, "duplicate")
    htmx("post", do(case, "link"), number=earlier.number, kind="duplicate")
    case.refresh_from_db()
    assert case.merged_into == earlier


def test_the_reason_is_a_condition(again, agent):
    earlier, case = again()
    services.say_repeat(case, earlier, "hesitating", agent)
    tree = {"field": "repeat_reason", "op": "eq", "value": "hesitating"}
    assert list(queries.listed(agent, tree)) == [case]
    assert case not in queries.listed(agent, {"not": tree})


def test_only_who_works_on_the_case_answers(again):
    earlier, case = again()
    with pytest.raises(NotAllowed):
        services.say_repeat(case, earlier, "curious", make_user("auditor"))
    with pytest.raises(CaseError):
        services.say_repeat(case, make_case(), "curious")
    with pytest.raises(CaseError):
        services.say_repeat(case, earlier, "bored")


def test_the_api_says_and_filters_it(client, again, agent):
    earlier, case = again()
    client.force_login(agent)
    body = {"earlier": earlier.number, "reason": "curious"}
    said = client.post(f"/api/v1/cases/{case.number}/repeat/", body, content_type="application/json")
    assert said.json()["repeat_reason"] == "curious"
    found = client.get("/api/v1/cases/", {"repeat_reason": "curious"}).json()["results"]
    assert [row["number"] for row in found] == [case.number]
    refused = client.post(
        f"/api/v1/cases/{case.number}/repeat/", {**body, "earlier": "HY-0"}, content_type="application/json"
    )
    assert refused.status_code == 400
