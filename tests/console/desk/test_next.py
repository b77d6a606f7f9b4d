"""Next: what breaches first in the view one works through, and never the case just left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases.models import Case
from tests.factories.cases import make_case
from tests.factories.staff import TeamFactory

NEXT = "/console/desk/next/"


@pytest.fixture
def three(preset, agent, team):
    """Mine, in the order of their deadlines."""
    now = timezone.now()
    found = []
    for hours in (1, 2, 3):
        case = make_case(team=team, owner=agent)
        Case.objects.filter(pk=case.pk).update(due_key=now + timedelta(hours=hours))
        found.append(case)
    return found


def goes_to(client, after="", view="mine"):
    return client.get(NEXT, {"view": view, "after": after}).url


def test_next_is_what_breaches_first_and_keeps_the_view(desk, three):
    first, _second, third = three
    assert goes_to(desk, third.number) == f"/console/desk/cases/{first.number}/?view=mine"


def test_next_is_never_the_case_just_left(desk, three):
    first, second, _third = three
    assert second.number in goes_to(desk, first.number)


def test_cases_left_as_they_were_are_passed_over_until_all_were_seen(desk, three):
    first, second, third = three
    assert second.number in goes_to(desk, first.number)
    assert third.number in goes_to(desk, second.number)
    assert first.number in goes_to(desk, third.number)


def test_recently_resolved_keeps_its_own_order(desk, three):
    for hours, case in enumerate(three):
        at = timezone.now() - timedelta(hours=hours)
        Case.objects.filter(pk=case.pk).update(is_open=False, state_class="resolved", resolved_at=at)
    assert three[1].number in goes_to(desk, three[0].number, view="ended")


def test_an_empty_view_leads_back_to_the_list_with_a_word(desk, three):
    Case.objects.exclude(pk=three[0].pk).update(owner=None)
    assert goes_to(desk, three[0].number) == "/console/desk/?view=mine"
    assert "此视图中没有其他工单" in desk.get("/console/desk/?view=mine").content.decode()


def test_in_place_it_is_the_case_alone_that_comes(htmx, desk, three):
    answer = htmx("get", NEXT, target="case-area", view="mine", after=three[0].number)
    swapped = desk.get(answer.url, headers={"HX-Request": "true", "HX-Target": "case-area"})
    assert "desk/case/swap.html" in [template.name for template in swapped.templates]


def test_cases_of_others_teams_are_not_reached(desk, preset):
    make_case(team=TeamFactory(code="far"))
    assert goes_to(desk, view="team") == "/console/desk/?view=team"


def test_the_case_page_leads_on(desk, three):
    page = desk.get(f"/console/desk/cases/{three[0].number}/?view=mine").content.decode()
    assert f"{NEXT}?view=mine&amp;after={three[0].number}" in page
