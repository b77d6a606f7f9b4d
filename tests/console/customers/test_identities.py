"""Whose address is this: known, unknown, on file, at the same time."""

import threading
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import connection

from console.customers.errors import Refusal
from console.customers.models import Customer, Identity
from console.customers.services.identities import AddressSeen, bind_identity, resolve_identities, resolve_identity
from console.plugin_api.channels import IdentityEvidence, IdentityLevel
from tests.factories.customers import make_customer
from tests.factories.staff import SiteFactory


@dataclass
class Account:
    uid: object
    site_id: int | None = None
    team_id: int | None = None


@pytest.mark.django_db
def test_unknown_sender_becomes_a_provisional_customer(told):
    site = SiteFactory()
    identity = resolve_identity("email", Account(uuid4(), site.pk), "Lin@Example.com", "林晚")
    customer = identity.customer
    assert (customer.is_provisional, customer.display_name, customer.site) == (True, "林晚", site)
    assert (identity.address, identity.level) == ("lin@example.com", IdentityLevel.L1)
    assert [data["customer_id"] for data in told("customer.created")] == [customer.pk]
    assert [data["identity_id"] for data in told("customer.identity_added")] == [identity.pk]


@pytest.mark.django_db
def test_events_hold_no_personal_values():
    from console.events.models import Event

    resolve_identity("email", None, "lin@example.com", "林晚")
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert "lin@" not in bodies
    assert "林晚" not in bodies


@pytest.mark.django_db
def test_nothing_personal_lies_readable_in_the_database():
    make_customer(display_name="林晚", phone="13800138000", site=None)
    resolve_identity("email", None, "lin@example.com", "林晚")
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_identity", "customers_identifier"):
            cursor.execute(f"SELECT * FROM {table}")
            stored = repr(cursor.fetchall())
            assert not any(text in stored for text in ("林晚", "13800138000", "lin@example")), table


@pytest.mark.django_db
def test_known_sender_costs_one_query(django_assert_num_queries):
    first = resolve_identity("email", None, "lin@example.com")
    with django_assert_num_queries(1):
        again = resolve_identity("email", None, " LIN@example.com", "other name")
    assert again == first


@pytest.mark.django_db
def test_a_batch_costs_one_query_when_all_are_known(django_assert_num_queries):
    seen = [AddressSeen("email", f"a{n}@example.com") for n in range(20)]
    first = resolve_identities(seen)
    with django_assert_num_queries(1):
        assert resolve_identities([*seen, seen[0]]) == [*first, first[0]]
    assert Customer.objects.count() == 20


@pytest.mark.django_db
def test_address_on_file_leads_to_its_customer():
    customer = make_customer(phone="13800138000")
    identity = resolve_identity("sms", None, "+86 138 0013 8000")
    assert identity.customer == customer
    assert identity.level == IdentityLevel.L1


@pytest.mark.django_db
def test_shared_telephone_leads_to_nobody():
    make_customer(phone="13800138000")
    make_customer(phone="13800138000")
    assert resolve_identity("sms", None, "13800138000").customer.is_provisional


@pytest.mark.django_db
def test_evidence_binds_only_a_customer_on_file():
    proof = IdentityEvidence(level=IdentityLevel.L3, method="app_login")
    make_customer(email="on@file.cn")
    assert resolve_identity("email", None, "on@file.cn", evidence=proof).level == IdentityLevel.L3
    assert resolve_identity("email", None, "off@file.cn", evidence=proof).level == IdentityLevel.L1


@pytest.mark.django_db
def test_later_evidence_lifts_and_never_lowers(told):
    make_customer(email="on@file.cn")
    identity = resolve_identity("email", None, "on@file.cn")
    strong = IdentityEvidence(level=IdentityLevel.L2, method="signed")
    assert resolve_identity("email", None, "on@file.cn", evidence=strong).level == IdentityLevel.L2
    weak = IdentityEvidence(level=IdentityLevel.L1, method="claim")
    assert resolve_identity("email", None, "on@file.cn", evidence=weak).level == IdentityLevel.L2
    assert [data["identity_id"] for data in told("customer.identity_level_changed")] == [identity.pk]


@pytest.mark.django_db
def test_open_ids_belong_to_an_account():
    one, two = Account(uuid4()), Account(uuid4())
    first = resolve_identity("wechat", one, "oX1")
    assert resolve_identity("wechat", one, "oX1") == first
    assert resolve_identity("wechat", two, "oX1") != first
    assert resolve_identity("email", one, "a@b.cn") == resolve_identity("email", two, "a@b.cn")


@pytest.mark.django_db
def test_binding_moves_a_provisional_identity_only(agent):
    identity = resolve_identity("email", None, "new@example.com")
    left = identity.customer
    customer = make_customer()
    bound = bind_identity(identity, customer, method="call_back", actor=None)
    assert (bound.customer, bound.level) == (customer, IdentityLevel.L2)
    assert Customer.objects.filter(pk=left.pk).exists()
    with pytest.raises(Refusal):
        bind_identity(bound, make_customer(), method="call_back", actor=None)


@pytest.mark.django_db(transaction=True)
def test_two_fetchers_get_one_identity():
    """Both look, both find nothing, both insert: the unique key lets one through and the other takes it."""
    found, errors = [], []
    start = threading.Barrier(4)

    def fetch():
        try:
            start.wait(5)
            found.extend(
                i.pk for i in resolve_identities([AddressSeen("email", f"r{n}@example.com") for n in range(5)])
            )
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert Identity.objects.count() == Customer.objects.count() == 5
    assert len(found) == 20
    assert len(set(found)) == 5
