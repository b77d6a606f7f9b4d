import pytest
from django.urls import reverse

from tests.factories.cases import make_case

HOME = "/console/desk/"


@pytest.fixture
def mine(preset, agent, team):
    return make_case(team=team, owner=agent)


def test_the_queue_shows_my_open_cases_first(desk, mine):
    page = desk.get(HOME).content.decode()
    assert mine.number in page
    assert mine.subject in page


def test_the_six_shipped_views_are_tabs_with_counts(desk, mine):
    page = desk.get(HOME, {"view": "mine"})
    tabs = page.context["tabs"]
    assert [tab.code for tab in tabs] == ["mine", "unowned", "team", "due", "waiting", "ended"]
    assert {tab.code: tab.count for tab in tabs}["mine"] == "1"


def test_without_sign_in_a_page_leads_to_it_and_a_part_answers_401(client, db):
    assert client.get(HOME).status_code == 302
    assert client.get(HOME, headers={"HX-Request": "true"}).status_code == 401


def test_the_case_number_leads_straight_to_the_case(desk, mine):
    response = desk.get(HOME, {"q": mine.number.lower()})
    assert response.url == reverse("desk:case", args=[mine.number])


def test_a_list_read_anew_keeps_the_pages_somebody_went_on_to(htmx, desk, preset, agent, team):
    for _n in range(60):
        make_case(team=team, owner=agent)
    first = htmx("get", HOME, view="mine")
    more = htmx("get", HOME, view="mine", shown="60")
    assert len(first.context["rows"]) == 50
    assert len(more.context["rows"]) == 60
    assert first.context["stamp"] == more.context["stamp"]
    for odd in ("-1", "9" * 9, "x", "٣"):
        assert len(htmx("get", HOME, view="mine", shown=odd).context["rows"]) >= 50


def test_further_rows_beside_a_case_open_in_place(htmx, preset, agent, team):
    for _n in range(51):
        make_case(team=team, owner=agent)
    pane = htmx("get", "/console/desk/pane/", view="mine")
    rest = htmx("get", pane.context["more_url"]).content.decode()
    assert rest.count("data-row") == 1
    assert 'hx-target="#case-area"' in rest
