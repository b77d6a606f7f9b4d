"""The same customers by every door: list, detail, search, export and API stay within scope."""

import pytest
from django.test import Client

from console.customers.models import Customer, Tag, Unmasking
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db
HUB = "/console/customers/customer/"
API = "/api/v1/customers/"


def test_hub_list_and_detail_stay_within_scope(hub, mine, theirs):
    page = hub.get(HUB).content.decode()
    assert f"{HUB}{mine.pk}/change/" in page
    assert f"{HUB}{theirs.pk}/change/" not in page
    assert hub.get(f"{HUB}{mine.pk}/change/").status_code == 200
    assert hub.get(f"{HUB}{theirs.pk}/change/").status_code == 302


def test_hub_search_does_not_reach_other_sites(hub, mine, theirs):
    assert f"/{mine.pk}/change/" in hub.get(HUB, {"q": "13800138000"}).content.decode()
    assert f"/{theirs.pk}/change/" not in hub.get(HUB, {"q": "13900139000"}).content.decode()
    assert f"/{mine.pk}/change/" not in hub.get(HUB, {"q": "1380013"}).content.decode()


def test_hub_pages_hold_no_clear_numbers(hub, mine):
    page = hub.get(f"{HUB}{mine.pk}/change/").content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page


def test_hub_detail_is_a_look_on_record(hub, agent, mine, told):
    hub.get(f"{HUB}{mine.pk}/change/")
    assert told("customer.opened") == [{"customer_id": mine.pk, "user_id": agent.pk}]


def test_hub_change_goes_through_the_service(hub, agent, mine, told):
    data = {
        "kind": "person",
        "language": "en",
        "time_zone": "Asia/Shanghai",
        "lifecycle": "active",
        "site": mine.site_id,
        "team": mine.team_id,
        "tier": "diamond",
    }
    response = hub.post(f"{HUB}{mine.pk}/change/", data | _no_inlines())
    assert response.status_code == 302, response.context["errors"]
    mine.refresh_from_db()
    assert (mine.language, mine.tier, mine.display_name) == ("en", "standard", "林晚晴")
    assert told("customer.changed")[0]["fields"] == ["language", "lifecycle"]


def _no_inlines():
    prefixes = ("identifiers", "identities", "contacts", "consents")
    return {f"{name}-{part}_FORMS": 0 for name in prefixes for part in ("TOTAL", "INITIAL")}


def test_hub_makes_a_customer_with_numbers(hub, agent):
    data = {
        "kind": "person",
        "display_name": "新客户",
        "phone": "13700137000",
        "time_zone": "Asia/Shanghai",
        "lifecycle": "new",
    }
    response = hub.post(f"{HUB}add/", data)
    assert response.status_code == 302, response.context["errors"]
    customer = Customer.objects.visible_to(agent).get()
    assert customer.identifiers.get().mask == "137****7000"
    wrong = hub.post(f"{HUB}add/", data | {"phone": "not a number"})
    assert "phone" in wrong.context["adminform"].form.errors


@pytest.mark.parametrize("name", ["accessgrant", "unmasking", "tag"])
def test_hub_ledgers_open(name, team):
    client = Client()
    client.force_login(make_user("auditor"))
    assert client.get(f"/console/customers/{name}/").status_code == 200


def test_hub_ledgers_stay_within_scope(theirs, team):
    lead = make_user("supervisor", team=team)
    Unmasking.objects.create(user=lead, customer=theirs, field="name", reason="核对")
    client = Client()
    client.force_login(make_user("supervisor", team=team))
    assert "周" not in client.get("/console/customers/unmasking/").content.decode().split("<main", 1)[-1]


def test_tags_speak_both_languages():
    Tag.objects.create(code="vip", name="贵宾", name_en="VIP")
    from django.utils.translation import override

    with override("en"):
        assert str(Tag.objects.get()) == "VIP"
    with override("zh-hans"):
        assert str(Tag.objects.get()) == "贵宾"
