"""Customers over the API: scope, masks, reasons, problems."""

import pytest
from rest_framework.test import APIClient

from console.customers.models import AccessGrant, Consent
from tests.factories.customers import make_customer
from tests.factories.staff import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.console.customers.api_urls")]
API = "/api/v1/customers/"


def test_api_list_and_detail_stay_within_scope(api, mine, theirs):
    rows = api.get(API).json()["results"]
    assert [row["id"] for row in rows] == [mine.pk]
    assert api.get(f"{API}{mine.pk}/").json()["identifiers"][0]["text"] == "138****8000"
    assert api.get(f"{API}{theirs.pk}/").status_code == 404
    for path in ("notes/", "consents/", "unmask/"):
        body = {
            "body": "x",
            "field": "name",
            "reason": "a good reason",
            "purpose": "survey",
            "granted": True,
            "source": "x",
        }
        assert api.post(f"{API}{theirs.pk}/{path}", body).status_code == 404
    assert api.patch(f"{API}{theirs.pk}/", {"language": "en"}).status_code == 404


def test_api_finds_masked_and_opens_with_a_reason(api, theirs):
    (found,) = api.post(f"{API}find/", {"kind": "phone", "value": "13900139000"}).json()
    assert (found["customer_id"], found["name"], found["in_scope"]) == (theirs.pk, "周**", False)
    refused = api.post(f"{API}{theirs.pk}/open/", {})
    assert (refused.status_code, refused.json()["title"]) == (403, "reason_needed")
    assert refused["Content-Type"] == "application/problem+json"
    opened = api.post(f"{API}{theirs.pk}/open/", {"reason": "客户来电转接"})
    assert opened.status_code == 200
    assert AccessGrant.objects.count() == 1
    assert api.get(f"{API}{theirs.pk}/").status_code == 200


def test_api_unmasks_with_a_reason_and_keeps_no_copy(api, mine):
    from console.foundation.models import IdempotencyKey

    field = f"identifier:{mine.identifiers.get().pk}"
    assert api.post(f"{API}{mine.pk}/unmask/", {"field": field}).status_code == 400
    answer = api.post(
        f"{API}{mine.pk}/unmask/", {"field": field, "reason": "核对号码"}, headers={"Idempotency-Key": "k1"}
    )
    assert answer.json() == {"field": field, "value": "+8613800138000"}
    assert answer["Cache-Control"] == "no-store"
    assert not IdempotencyKey.objects.exists()
    assert api.post(f"{API}{mine.pk}/unmask/", {"field": "password", "reason": "核对号码"}).status_code == 404


def test_api_limits_are_said(api, mine, settings):
    settings.HUIYIN_UNMASK_PER_HOUR = 0
    answer = api.post(f"{API}{mine.pk}/unmask/", {"field": "name", "reason": "核对号码"})
    assert (answer.status_code, answer.json()["title"]) == (429, "too_many_looks")


def test_api_makes_and_changes(api, agent):
    made = api.post(API, {"display_name": "新客户", "identifiers": {"email": "N@b.cn"}})
    assert made.status_code == 201
    pk = made.json()["id"]
    changed = api.patch(f"{API}{pk}/", {"language": "en", "identifiers": {"phone": "13700137000"}})
    assert changed.json()["language"] == "en"
    assert {row["kind"] for row in api.get(f"{API}{pk}/").json()["identifiers"]} == {"email", "phone"}
    assert api.patch(f"{API}{pk}/", {"tier": "gold"}).status_code == 403
    assert api.post(API, {"identifiers": {"phone": "no"}}).status_code == 400
    assert api.post(API, {"identifiers": {"ip": "1"}}).status_code == 400


def test_api_notes_and_consents(api, mine):
    assert api.post(f"{API}{mine.pk}/notes/", {"body": "喜欢下午来电"}).json()[0]["body"] == "喜欢下午来电"
    line = {"purpose": "marketing", "channel": "email", "granted": True, "source": "call"}
    assert api.post(f"{API}{mine.pk}/consents/", line).json()[0]["state"] == "granted"
    assert Consent.objects.get().channel_kind == "email"


@pytest.mark.parametrize("role", ["knowledge_editor", "participant", "product_owner"])
def test_api_is_closed_to_roles_without_customers(role, mine):
    client = APIClient()
    client.force_authenticate(make_user(role))
    assert client.get(API).status_code == 403


@pytest.mark.parametrize("number", ["x", "9" * 40, "-1"])
def test_api_odd_addresses(api, number):
    assert api.post(f"{API}{number}/open/", {"reason": "a reason"}).status_code == 404


def test_api_list_costs_the_same_for_many(api, team, django_assert_max_num_queries):
    for number in range(12):
        make_customer(site=team.site, team=team, phone=f"1380013{number:04}")
    with django_assert_max_num_queries(3):
        assert len(api.get(API).json()["results"]) == 12
