import json

import pytest
from django.urls import reverse

from console.cases import config, services
from console.cases.config import spec_of
from console.cases.models import Case, FieldDef
from tests.factories.cases import make_case, make_message
from tests.factories.staff import make_user


@pytest.fixture
def case(preset, agent, team):
    return make_case(team=team, owner=agent)


def url(name, case, *more):
    return reverse(f"desk:{name}", args=[case.number, *more])


def test_the_page_shows_the_customers_words_and_all_clocks(desk, case):
    page = desk.get(url("case", case)).content.decode()
    assert "请帮我关闭小额免密支付" in page
    assert case.subject in page
    assert 'role="tooltip"' in page


def test_beside_the_queue_only_the_case_is_exchanged(htmx, case):
    part = htmx("get", url("case", case), target="case-area").content.decode()
    assert part.startswith("<title>")
    assert "<html" not in part


def test_a_case_of_another_team_is_not_found(desk, case, preset):
    other = make_case()
    Case.objects.filter(pk=other.pk).update(team=None, site=None)
    assert desk.get(url("case", other)).status_code == 404


def test_the_side_column_has_customer_and_particulars(htmx, case):
    part = htmx("get", url("case-side", case)).content.decode()
    assert 'id="particulars"' in part
    assert 'id="side-customer"' in part


@pytest.mark.parametrize(
    "name", ["assign", "retitle", "grade", "decide", "task", "link", "split", "withdraw", "extend", "told", "not-told"]
)
def test_every_dialog_opens(htmx, case, name):
    assert b"dialog-title" in htmx("get", url("act", case, name)).content


def test_every_step_offered_opens_a_dialog(htmx, desk, case):
    head = desk.get(url("case", case)).context["head"]
    assert head.primary
    for move in head.moves:
        assert htmx("get", url("act", case, move.act)).status_code == 200


def test_assigning_moves_the_case_and_tells(htmx, case, supervisor):
    answer = htmx("post", url("act", case, "assign"), owner=supervisor.pk, team=case.team_id, reason="")
    case.refresh_from_db()
    assert answer.status_code == 200
    assert "desk:toast" in answer["HX-Trigger-After-Settle"]
    assert 'id="case-head"' in answer.content.decode()


def test_a_refused_act_comes_back_with_its_reason(htmx, case):
    answer = htmx("post", url("act", case, "link"), number="HY-1900-1", kind="related")
    assert answer.status_code == 422
    assert "error" in answer.content.decode()


def test_the_history_names_every_event(desk, case):
    assert "case.opened" in desk.get(url("case-history", case)).content.decode()


def test_another_matter_is_split_off_in_one_dialog(htmx, case):
    answer = htmx("post", url("act", case, "split"), subject="年费收错", type="enquiry")
    fresh = Case.objects.exclude(pk=case.pk).get()
    assert answer.status_code == 200
    assert fresh.number in answer.content.decode()


def merged(case, team, agent):
    other = make_case(message=make_message(customer=case.customer), team=team, owner=agent)
    services.merge(case, other, agent)
    return other


def test_a_merge_is_taken_back_by_its_toast(htmx, case, team, agent):
    other = make_case(message=make_message(customer=case.customer), team=team, owner=agent)
    answer = htmx("post", url("act", case, "link"), number=other.number, kind="duplicate")
    undo = json.loads(answer["HX-Trigger-After-Settle"])["desk:toast"]["undo"]
    assert Case.objects.get(pk=case.pk).merged_into == other
    htmx("post", undo)
    back = Case.objects.get(pk=case.pk)
    assert back.merged_into is None
    assert back.is_open


def test_a_merge_is_taken_back_from_either_case(desk, htmx, case, team, agent):
    other = merged(case, team, agent)
    act = url("act", case, "unmerge")
    head = desk.get(url("case", case)).content.decode()
    assert other.number in head
    assert act in head
    assert act in htmx("get", url("case-side", other)).content.decode()
    # Pressed in the other one, that page is read anew.
    answer = desk.post(act, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{url('case', other)}"})
    assert answer["HX-Redirect"] == url("case", other)
    assert Case.objects.get(pk=case.pk).merged_into is None
    assert act not in htmx("get", url("case-side", other)).content.decode()


def test_nobody_without_the_right_is_offered_to_take_a_merge_back(client, case, team, agent):
    other = merged(case, team, agent)
    client.force_login(make_user("auditor"))
    for page in (url("case", case), url("case-side", other)):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "unmerge" not in answer.content.decode()


def test_a_step_asks_for_what_the_state_it_leads_to_requires(htmx, desk, case):
    head = desk.get(url("case", case)).context["head"]
    move = next(one for one in head.moves if one.allowed and not case.data)
    target = spec_of(case.version).transitions[move.code].target
    FieldDef.objects.filter(version=case.version, code="branch").update(required_in=[target])
    config.forget()
    assert 'name="branch"' in htmx("get", url("act", case, move.act)).content.decode()
    assert htmx("post", url("act", case, move.act), reason="x").status_code == 422
    with pytest.raises(services.Incomplete):
        services.transition(case, move.code, case.owner, reason="x")
