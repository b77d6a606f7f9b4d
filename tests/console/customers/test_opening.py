"""Finding masked, opening with scope or a reason, looking behind a mask: all on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.customers.errors import NeedsReason, NotAllowed, Refusal, TooManyLooks
from console.customers.models import AccessGrant, Customer, Unmasking
from console.customers.normal import NotAnIdentifier
from console.customers.services import finding
from console.customers.services.finding import find, find_by_identifier, find_by_name
from console.customers.services.opening import grant_for_work, may_see, open_customer, revoke_grant, unmask
from tests.factories.customers import make_customer
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(team):
    return make_customer(display_name="林晚晴", phone="13800138000", site=team.site, team=team)


def test_any_agent_finds_by_exact_identifier_masked(customer, stranger, told):
    (found,) = find_by_identifier(stranger, "phone", "138 0013 8000")
    assert (found.customer_id, found.name, found.in_scope) == (customer.pk, "林**", False)
    assert told("customer.found") == [{"kind": "phone", "customer_ids": [customer.pk]}]


def test_found_says_when_it_is_mine(customer, agent):
    assert find_by_identifier(agent, "phone", "13800138000")[0].in_scope


def test_part_of_a_number_finds_nothing(customer, stranger):
    assert find_by_identifier(stranger, "phone", "1380013800") == []


def test_names_are_found_within_scope_only(customer, agent, stranger):
    assert [item.customer_id for item in find_by_name(agent, " 林晚 晴")] == [customer.pk]
    assert find_by_name(stranger, "林晚晴") == []


def test_one_box_takes_whatever_is_typed(agent, team):
    customer = make_customer(display_name="林晚", email="a@b.cn", customer_no="C-17", site=team.site, team=team)
    for text in ("A@b.cn", "c-17", "林晚"):
        assert [item.customer_id for item in find(agent, text)] == [customer.pk]
    assert find(agent, "nobody@b.cn") == []


def test_finding_needs_permission_and_a_value(customer):
    with pytest.raises(NotAllowed):
        find_by_identifier(make_user("knowledge_editor"), "phone", "13800138000")
    with pytest.raises(NotAnIdentifier):
        find_by_identifier(make_user("agent"), "email", "13800138000")


def test_scripts_are_stopped(customer, stranger, monkeypatch):
    monkeypatch.setattr(finding, "LOOKUPS_PER_MINUTE", 1)
    for _ in range(5):
        find_by_identifier(stranger, "phone", "13800138000")
    with pytest.raises(TooManyLooks):
        find_by_identifier(stranger, "phone", "13800138000")


def test_opening_in_scope_is_an_event_once(customer, agent, told):
    open_customer(agent, customer)
    open_customer(agent, customer)
    assert told("customer.opened") == [{"customer_id": customer.pk, "user_id": agent.pk}]


def test_opening_elsewhere_needs_a_reason(customer, stranger):
    for reason in ("", "  ", "abc"):
        with pytest.raises(NeedsReason):
            open_customer(stranger, customer, reason)
    assert not AccessGrant.objects.exists()


def test_a_reason_opens_for_a_while(customer, stranger, told):
    open_customer(stranger, customer, "客户来电转接,处理账单")
    assert may_see(stranger, customer)
    assert list(Customer.objects.visible_to(stranger)) == [customer]
    grant = AccessGrant.objects.get()
    assert told("customer.opened_with_reason") == [
        {"customer_id": customer.pk, "user_id": stranger.pk, "grant_id": grant.pk}
    ]
    AccessGrant.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert not may_see(stranger, customer)
    assert not Customer.objects.visible_to(stranger).exists()


def test_grant_can_be_taken_back(customer, stranger, agent):
    open_customer(stranger, customer, "客户来电转接")
    revoke_grant(AccessGrant.objects.get(), agent)
    assert not may_see(stranger, customer)


def test_work_opens_without_a_reason_and_is_prolonged(customer, stranger):
    grant = grant_for_work(stranger, customer, "case:17", hours=1)
    assert may_see(stranger, customer)
    assert grant_for_work(stranger, customer, "case:17", hours=5) == grant
    assert AccessGrant.objects.get().until > timezone.now() + timedelta(hours=4)


def test_role_without_the_permission_cannot_reason_its_way_in(customer):
    with pytest.raises(NotAllowed):
        open_customer(make_user("product_owner"), customer, "a good reason")


def test_unmasking_is_a_row_and_an_event_without_the_reason(customer, agent, told):
    identifier = customer.identifiers.get()
    field = f"identifier:{identifier.pk}"
    assert unmask(agent, customer, field, "核对回拨号码") == "+8613800138000"
    look = Unmasking.objects.get()
    assert (look.user, look.reason) == (agent, "核对回拨号码")
    assert told("customer.unmasked") == [
        {"customer_id": customer.pk, "user_id": agent.pk, "field": field, "look_id": look.pk}
    ]


@pytest.mark.parametrize("field", ["identifier:999999", "password", "identity:x", "identifier:", ""])
def test_only_fields_of_this_customer(customer, agent, field):
    make_customer(phone="13900139000")
    with pytest.raises(LookupError):
        unmask(agent, customer, field, "核对回拨号码")


def test_unmasking_needs_reason_scope_and_permission(customer, agent, stranger):
    with pytest.raises(NeedsReason):
        unmask(agent, customer, "name", "")
    with pytest.raises(NeedsReason):
        unmask(stranger, customer, "name", "a good reason")
    with pytest.raises(NotAllowed):
        unmask(make_user("participant"), customer, "name", "a good reason")
    with pytest.raises(Refusal):
        unmask(agent, customer, "name", "x" * 501)


def test_looks_are_limited_by_the_hour(customer, agent, settings, told):
    settings.HUIYIN_UNMASK_PER_HOUR = 2
    for _ in range(2):
        unmask(agent, customer, "name", "核对姓名")
    for _ in range(2):
        with pytest.raises(TooManyLooks):
            unmask(agent, customer, "name", "核对姓名")
    assert told("customer.unmask_refused") == [{"user_id": agent.pk}]
    Unmasking.objects.update(at=timezone.now() - timedelta(hours=2))
    assert unmask(agent, customer, "name", "核对姓名") == "林晚晴"
