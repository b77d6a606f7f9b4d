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
