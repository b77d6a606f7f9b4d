import json

import pytest

from console.cases.models import Case, MessageMark
from tests.factories.cases import make_case


@pytest.fixture
def two(preset, agent, team):
    return [make_case(team=team, owner=agent), make_case(team=team, owner=agent)]


def undo_url(answer):
    return json.loads(answer["HX-Trigger-After-Settle"])["desk:toast"]["undo"]


def test_spam_leaves_the_queue_and_one_undo_brings_all_back(htmx, two):
    answer = htmx("post", "/console/desk/bulk/", case=[case.pk for case in two], act="spam", view="mine")
    assert MessageMark.objects.filter(kind="spam").count() == 2
    assert not Case.objects.filter(is_open=True).exists()
    htmx("post", undo_url(answer))
    assert Case.objects.filter(is_open=True).count() == 2


def test_assigning_many_and_back(htmx, two, agent):
    Case.objects.update(owner=None)
    answer = htmx(
        "post", "/console/desk/bulk/", case=[case.pk for case in two], act="assign", owner=agent.pk, view="mine"
    )
    assert Case.objects.filter(owner=agent).count() == 2
    htmx("post", undo_url(answer))
    assert Case.objects.filter(owner=None).count() == 2


def test_another_persons_undo_is_refused(htmx, client, two, supervisor):
    url = undo_url(htmx("post", "/console/desk/bulk/", case=[two[0].pk], act="spam", view="mine"))
    client.force_login(supervisor)
    client.post(url, headers={"HX-Request": "true"})
    assert MessageMark.objects.count() == 1


def test_cases_outside_the_scope_are_left_alone(htmx, preset):
    foreign = make_case()
    Case.objects.filter(pk=foreign.pk).update(site=None, team=None)
    htmx("post", "/console/desk/bulk/", case=[foreign.pk], act="spam", view="mine")
    assert not MessageMark.objects.exists()


def test_the_whole_view_is_taken_by_those_who_may_and_one_undo_brings_it_back(client, preset, supervisor, agent, team):
    cases = [make_case(team=team) for _n in range(60)]
    client.force_login(supervisor)
    page = client.get("/console/desk/", {"view": "team"})
    assert "data-bulk-whole" in page.content.decode()
    body = {"whole": "1", "case": [cases[0].pk], "act": "assign", "owner": agent.pk, "view": "team"}
    answer = client.post("/console/desk/bulk/", body, headers={"HX-Request": "true"})
    assert Case.objects.filter(owner=agent).count() == 60
    client.post(undo_url(answer), headers={"HX-Request": "true"})
    assert Case.objects.filter(owner=None).count() == 60


def test_one_press_takes_so_many_and_no_more(client, preset, supervisor, agent, team, monkeypatch):
    for _n in range(3):
        make_case(team=team)
    monkeypatch.setattr("console.desk.views.bulk.MOST_ROWS", 2)
    client.force_login(supervisor)
    body = {"whole": "1", "act": "assign", "owner": agent.pk, "view": "team"}
    client.post("/console/desk/bulk/", body, headers={"HX-Request": "true"})
    assert Case.objects.filter(owner=agent).count() == 2


def test_an_agent_takes_marked_rows_only(htmx, desk, two, agent):
    Case.objects.update(owner=None)
    assert "data-bulk-whole" not in desk.get("/console/desk/").content.decode()
    htmx("post", "/console/desk/bulk/", whole="1", case=[two[0].pk], act="assign", owner=agent.pk, view="team")
    assert Case.objects.filter(owner=agent).count() == 1


def test_the_undo_of_a_whole_view_fits_an_address():
    from console.desk.views import bulk

    owners = [[10_000_000 + 7 * n, 100_000 + n % 40, 1000 + n % 9] for n in range(bulk.MOST_ROWS)]
    token = bulk.signing.dumps({"owners": owners}, salt=bulk.SALT, compress=True)
    assert len(token) < 3500
