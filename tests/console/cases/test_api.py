import json

import pytest
from rest_framework.test import APIClient

from console.api.services import issue_token
from console.cases import config
from console.cases.models import Case, FieldDef
from console.conversations.models import Entry
from tests.factories.cases import make_case, make_message
from tests.factories.customers import make_customer
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/cases/"


@pytest.fixture
def api(agent):
    client = APIClient()
    client.force_authenticate(agent)
    return client


@pytest.fixture
def case(preset, team):
    return make_case("complaint", team=team)


def post(api, case, what, **body):
    return api.post(f"{URL}{case.number}/{what}/", body, format="json")


def test_a_list_shows_what_the_reader_may_see(api, case):
    make_case("complaint", team=TeamFactory())
    rows = api.get(URL).json()["results"]
    assert [row["number"] for row in rows] == [case.number]
    assert "林晓" not in json.dumps(rows, ensure_ascii=False)


def test_a_detail_tells_clocks_and_what_is_missing(api, case):
    body = api.get(f"{URL}{case.number}/").json()
    kinds = {"acknowledge", "acceptance", "first_response", "update", "decision"}
    assert {clock["kind"] for clock in body["clocks"]} == kinds
    assert [item["code"] for item in body["missing_for_closing"]] == ["outcome", "root_cause", "told"]


def test_a_case_out_of_scope_is_not_there(api, preset):
    other = make_case("complaint", team=TeamFactory())
    assert api.get(f"{URL}{other.number}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"type": "complaint"}, 1),
        ({"type": "enquiry"}, 0),
        ({"open": "true"}, 1),
        ({"breached": "1"}, 0),
        ({"owner": "me"}, 0),
        ({"grade": "3", "order": "due"}, 1),
        ({"where": '{"field": "state_class", "op": "eq", "value": "new"}'}, 1),
    ],
)
def test_filters(api, case, query, count):
    assert len(api.get(URL, query).json()["results"]) == count


@pytest.mark.parametrize(
    "query", [{"grade": "x"}, {"where": "{"}, {"where": '{"field": "ghost", "op": "eq", "value": 1}'}]
)
def test_a_wrong_filter_is_named(api, case, query):
    answer = api.get(URL, query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["errors"]


def test_a_case_is_opened_once_for_a_key(api, preset, team):
    customer = make_customer(team=team, site=team.site)
    body = {"type": "enquiry", "subject": "年费", "customer": customer.pk, "team": team.code}
    answers = [api.post(URL, body, format="json", HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["number"] == answers[1].json()["number"]
    assert Case.objects.count() == 1


def test_a_move_and_a_stale_move(api, case):
    body = api.get(f"{URL}{case.number}/").json()
    answer = post(api, case, "transition", transition="accept", revision=body["revision"])
    assert answer.json()["case"]["state"] == "investigating"
    again = post(api, case, "transition", transition="ask_customer", revision=body["revision"])
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")


def test_what_is_missing_comes_as_a_list(api, case):
    post(api, case, "transition", transition="accept")
    answer = post(api, case, "transition", transition="decide")
    assert answer.status_code == 422
    assert [item["code"] for item in answer.json()["missing"]] == ["outcome", "root_cause", "decision"]


def test_offers_with_reasons(api, case):
    rows = {row["code"]: row for row in api.get(f"{URL}{case.number}/transitions/").json()}
    assert rows["accept"]["allowed"]
    assert "decide" not in rows


def test_an_auditor_reads_and_changes_nothing(case):
    client = APIClient()
    client.force_authenticate(make_user("auditor"))
    assert client.get(f"{URL}{case.number}/").status_code == 200
    for what, body in (
        ("transition", {"transition": "accept"}),
        ("assign", {"owner": None}),
        ("fields", {"data": {"amount": 1}}),
        ("classify", {"dimension": "product", "code": "loans"}),
        ("grade", {"grade": 2, "reason": "x"}),
        ("note", {"text": "x"}),
        ("reply", {"text": "x"}),
        ("extend", {"rule": "complex", "reason": "x"}),
        ("withdraw", {"reason": "x"}),
        ("reopen", {"reason": "x"}),
        ("tasks", {"title": "x"}),
        ("split", {"subject": "x"}),
        ("merge", {"into": case.number}),
        ("link", {"other": case.number}),
    ):
        assert post(client, case, what, **body).status_code == 403, what


def test_the_rest_of_the_work(api, case, agent):
    assert post(api, case, "assign", owner=agent.pk).json()["owner"] == agent.pk
    assert post(api, case, "fields", data={"amount": 12}).json()["data"] == {"amount": 12}
    assert post(api, case, "classify", dimension="product", code="credit_card").json()["categories"] == {
        "product": "credit_card"
    }
    assert post(api, case, "grade", grade=2, reason="影响较大").json()["grade"] == 2
    assert post(api, case, "note", text="已联系网点").status_code == 201
    assert post(api, case, "tasks", title="调取录音").status_code == 201
    assert post(api, case, "extend", rule="complex", reason="取证").json()["status"] == "requested"
    assert post(api, case, "withdraw", reason="客户撤回").json()["state"] == "withdrawn"
    assert post(api, case, "reopen", reason="客户反悔").json()["reopened"] == 1


def test_another_matter_becomes_a_case_once_for_a_key_with_its_message(api, case):
    message = make_message(case.conversation, customer=case.customer, subject="另外", text="另外年费也收错了")
    body = {"subject": "年费收错", "type": "enquiry", "message": message.pk}
    url = f"{URL}{case.number}/split/"
    first, again = (api.post(url, body, format="json", HTTP_IDEMPOTENCY_KEY="s1") for _ in range(2))
    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    fresh = Case.objects.exclude(pk=case.pk).get()
    assert first.json()["number"] == again.json()["number"] == fresh.number
    assert (fresh.type.code, fresh.links.get().kind) == ("enquiry", "split")
    assert Entry.objects.get(message=message).conversation_id == fresh.conversation_id


def test_a_message_of_another_case_does_not_go_along(api, case, team):
    other = make_case("complaint", team=team)
    answer = post(api, case, "split", subject="年费收错", message=other.origin_id)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["message"])
    assert post(api, case, "split", subject="年费收错", message=case.origin_id).status_code == 422
    assert Case.objects.count() == 2


def test_a_duplicate_is_merged_and_comes_back(api, case, team):
    message = make_message(customer=case.customer, subject="再说一次", text="催一下")
    twice = make_case("complaint", message=message, team=team)
    merged = post(api, twice, "merge", into=case.number)
    assert merged.json()["number"] == case.number
    twice.refresh_from_db()
    assert (twice.merged_into, twice.is_open) == (case, False)
    assert post(api, twice, "merge", into=case.number).status_code == 422
    assert post(api, twice, "unmerge").json()["is_open"] is True
    assert post(api, twice, "unmerge").status_code == 422


def test_merging_and_linking_reach_no_case_out_of_scope(api, case, team):
    far = make_case("complaint", team=TeamFactory())
    assert list(post(api, case, "merge", into=far.number).json()["errors"]) == ["into"]
    assert list(post(api, case, "link", other=far.number).json()["errors"]) == ["other"]
    near = make_case("enquiry", team=team)
    answer = post(api, case, "link", other=near.number.lower(), kind="follow_up")
    assert (answer.status_code, answer.json()["other"], answer.json()["kind"]) == (201, near.number, "follow_up")
    assert post(api, case, "link", other=near.number, kind="duplicate").status_code == 400


@pytest.mark.parametrize(("scopes", "status"), [(["cases:read"], 403), (["customers:*"], 403), (["cases:write"], 201)])
def test_a_token_splits_within_its_scopes(case, agent, scopes, status):
    _token, secret = issue_token(agent, "接口", scopes)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = post(client, case, "split", subject="年费收错")
    assert answer.status_code == status
    if status == 403:
        assert answer["Content-Type"] == "application/problem+json"


def test_case_types_show_their_content(api, preset):
    body = api.get("/api/v1/case-types/complaint/").json()
    assert body.get("version") == 1, body
    assert body["version"] == 1
    assert {state["code"] for state in body["content"]["states"]} >= {"received", "closed"}


def test_a_case_is_not_opened_without_what_its_first_state_needs(api, preset, case):
    FieldDef.objects.filter(code="branch").update(required_in=["received"])
    config.forget()
    body = {"type": "complaint", "subject": "多收年费"}
    answer = api.post(URL, body, format="json")
    assert answer.status_code == 422
    assert [item["code"] for item in answer.json()["missing"]] == ["branch"]
    assert Case.objects.count() == 1
    assert api.post(URL, body | {"data": {"branch": "  "}}, format="json").status_code == 422
    assert api.post(URL, body | {"data": {"branch": "城东支行"}}, format="json").status_code == 201
    # What is split off is filled in afterwards.
    assert post(api, case, "split", subject="年费").status_code == 201
