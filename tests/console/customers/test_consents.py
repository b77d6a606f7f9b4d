from datetime import timedelta

import pytest
from django.utils import timezone

from console.customers.errors import NotAllowed
from console.customers.models import Consent
from console.customers.services.consents import consenting, has_consent, record_consent
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(team):
    return make_customer(site=team.site, team=team)


def say(customer, purpose, channel, granted, days_ago=0, **values):
    at = timezone.now() - timedelta(days=days_ago)
    return record_consent(customer, purpose, channel, granted=granted, source="call", at=at, **values)


@pytest.mark.parametrize(
    ("purpose", "silent"), [("service", True), ("survey", True), ("marketing", False), ("profiling", False)]
)
def test_silence(customer, purpose, silent):
    assert has_consent(customer, purpose, "email") is silent


def test_latest_line_decides(customer):
    say(customer, "marketing", "*", True, days_ago=3)
    say(customer, "marketing", "email", False, days_ago=2)
    assert has_consent(customer, "marketing", "sms")
    assert not has_consent(customer, "marketing", "email")
    say(customer, "marketing", "*", False, days_ago=1)
    assert not has_consent(customer, "marketing", "sms")
    say(customer, "marketing", "sms", True)
    assert has_consent(customer, "marketing", "sms")


def test_lines_said_later_but_recorded_first_still_decide(customer):
    say(customer, "marketing", "email", False, days_ago=1)
    say(customer, "marketing", "email", True, days_ago=5)
    assert not has_consent(customer, "marketing", "email")


def test_consent_runs_out(customer):
    say(customer, "marketing", "email", True, days_ago=9, expires_at=timezone.now() - timedelta(days=1))
    assert not has_consent(customer, "marketing", "email")


def test_do_not_market_wins(customer):
    say(customer, "marketing", "*", True)
    customer.do_not_market = True
    customer.save()
    assert not has_consent(customer, "marketing", "email")
    assert has_consent(customer, "service", "email")


def test_many_customers_in_two_queries(django_assert_num_queries):
    customers = [make_customer() for _ in range(6)]
    for customer in customers[:3]:
        say(customer, "marketing", "*", True)
    with django_assert_num_queries(2):
        allowed = consenting([customer.pk for customer in customers], "marketing", "email")
    assert allowed == {customer.pk for customer in customers[:3]}


def test_ledger_is_on_record_and_needs_scope(customer, agent, stranger, told):
    line = record_consent(customer, "survey", "sms", granted=False, source="call", actor=agent)
    assert line.channel_kind == "phone"
    assert told("customer.consent_withdrawn")[0]["consent_id"] == line.pk
    with pytest.raises(NotAllowed):
        record_consent(customer, "survey", "sms", granted=True, source="call", actor=stranger)
    assert Consent.objects.count() == 1
