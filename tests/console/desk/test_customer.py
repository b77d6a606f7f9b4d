import pytest
from django.urls import reverse

from console.customers.models import AccessGrant, Unmasking
from console.events.models import Event
from tests.factories.customers import make_customer


@pytest.fixture
def customer(preset, team):
    return make_customer(display_name="林晓华", phone="13800138000", site=team.site, team=team)


def url(customer, name="customer", *more):
    return reverse(f"desk:{name}", args=[customer.pk, *more])


def test_identifiers_are_masked_and_opening_is_on_record(desk, customer):
    page = desk.get(url(customer)).content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page
    assert Event.objects.filter(type="customer.opened").exists()


def test_a_whole_value_needs_a_reason_and_leaves_a_trace(htmx, customer):
    field = f"?field=identifier:{customer.identifiers.get().pk}"
    assert htmx("post", url(customer, "unmask") + field, reason="").status_code == 422
    shown = htmx("post", url(customer, "unmask") + field, reason="客户来电核对预留手机号")
    assert "13800138000" in shown.content.decode()
    assert Unmasking.objects.count() == 1


def test_another_teams_customer_opens_with_a_reason_only(desk, preset):
    foreign = make_customer(display_name="陈先生")
    assert desk.get(url(foreign)).status_code == 403
    assert desk.post(url(foreign), {"reason": "客户在我行网点等候"}).status_code == 302
    assert AccessGrant.objects.filter(customer=foreign).exists()
    assert desk.get(url(foreign)).status_code == 200


def test_notes_and_consents_are_written_from_dialogs(htmx, customer):
    htmx("post", url(customer, "customer-act", "note"), body="请在 18:00 后致电", pinned="on")
    htmx("post", url(customer, "customer-act", "consent"), purpose="marketing", channel="*", granted="no")
    assert customer.notes.get().is_pinned
    assert customer.consents.get().state == "withdrawn"
