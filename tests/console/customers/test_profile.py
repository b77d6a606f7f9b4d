"""Changing customers, and what the desk shows of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from console.customers.errors import NotAllowed, Refusal
from console.customers.models import Identifier, Tag
from console.customers.queries import customer_panel, masked
from console.customers.services import contacts, profile
from console.customers.services.consents import record_consent
from console.customers.services.identities import resolve_identity
from tests.factories.customers import make_customer
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(team):
    return make_customer(display_name="林晚", phone="13800138000", site=team.site, team=team)


def test_new_customer_belongs_to_the_makers_site(agent, told):
    customer = profile.create_customer(agent, display_name="林晚", identifiers={"email": "L@b.cn"})
    assert customer.site == agent.site
    assert customer.identifiers.get().mask == "l***@b.cn"
    assert told("customer.created")[0]["customer_id"] == customer.pk


def test_change_names_fields_not_values(agent, customer, told):
    profile.update_customer(agent, customer, display_name="林婉", language="en")
    assert told("customer.changed") == [{"customer_id": customer.pk, "fields": ["display_name", "language"]}]
    customer.refresh_from_db()
    assert type(customer).objects.named("林婉").get() == customer


def test_unchanged_is_no_event(agent, customer, told):
    profile.update_customer(agent, customer, display_name="林晚")
    assert told("customer.changed") == []


def test_flags_need_their_own_permission(agent, customer, team):
    with pytest.raises(NotAllowed):
        profile.update_customer(agent, customer, tier="diamond")
    profile.update_customer(make_user("supervisor", team=team), customer, tier="diamond")
    customer.refresh_from_db()
    assert customer.tier == "diamond"


def test_outsiders_change_nothing(stranger, customer):
    for act in (
        lambda: profile.update_customer(stranger, customer, language="en"),
        lambda: profile.add_identifier(stranger, customer, "email", "a@b.cn"),
        lambda: profile.add_note(stranger, customer, "note"),
        lambda: contacts.add_contact(stranger, customer, "王律师"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_identifier_of_one_customer_is_not_given_to_another(agent, customer):
    make_customer(customer_no="C-1")
    with pytest.raises(Refusal):
        profile.add_identifier(agent, customer, "customer_no", "c-1")
    assert customer.identifiers.count() == 1


def test_same_identifier_twice_is_one(agent, customer):
    profile.add_identifier(agent, customer, "phone", "138-0013-8000")
    assert Identifier.objects.count() == 1


def test_note_masks_numbers(agent, customer):
    note = profile.add_note(agent, customer, "他的卡 6222021234567890128 已冻结")
    assert "6222021234567890128" not in note.body
    with pytest.raises(Refusal):
        profile.add_note(agent, customer, "   ")


def test_tags_go_on_and_off(agent, customer, told):
    tag = Tag.objects.create(code="vip", name="贵宾")
    assert profile.add_tag(agent, customer, tag)
    assert not profile.add_tag(agent, customer, tag)
    assert profile.remove_tag(agent, customer, tag)
    assert not profile.remove_tag(agent, customer, tag)
    assert len(told("customer.tagged")) == len(told("customer.untagged")) == 1


def test_authorisation_has_matters_evidence_and_an_end(agent, customer):
    contact = contacts.add_contact(agent, customer, "王律师")
    soon = timezone.now() + timedelta(days=30)
    row = contacts.authorise(agent, contact, ["complain"], evidence="授权书 2026-11", expires_at=soon)
    assert contacts.may_act(contact, "complain")
    assert not contacts.may_act(contact, "transact")
    assert not contacts.may_act(contact, "complain", at=soon + timedelta(days=1))
    contacts.revoke(agent, row)
    assert not contacts.may_act(contact, "complain")
    for matters, evidence in (([], "x"), (["complain"], " ")):
        with pytest.raises(Refusal):
            contacts.authorise(agent, contact, matters, evidence=evidence)


def test_masks_follow_the_role(customer, team, agent):
    assert masked(customer, agent).name.text == "林晚"
    participant = make_user("participant", team=team)
    assert (masked(customer, participant).name.text, masked(customer, participant).name.masked) == ("林*", True)
    officer = make_user("complaint_officer")
    phone = customer_panel(officer, customer).identifiers[0]
    assert (phone.text, phone.masked) == ("+8613800138000", False)
    assert customer_panel(agent, customer).identifiers[0].text == "138****8000"


def test_administrator_sees_no_documents(customer):
    profile.add_identifier(None, customer, "id_card", "11010519491231002X")
    shown = {item.kind: item for item in customer_panel(make_user("administrator"), customer).identifiers}
    assert shown["id_card"].masked
    assert shown["phone"].masked


def test_panel_is_everything_in_six_queries(agent, customer, django_assert_num_queries):
    resolve_identity("email", None, "a@b.cn")
    for number in range(3):
        contact = contacts.add_contact(agent, customer, f"联系人{number}")
        contacts.authorise(agent, contact, ["enquire", "complain"], evidence="授权书")
        profile.add_note(agent, customer, f"第{number}条")
        profile.add_tag(agent, customer, Tag.objects.create(code=f"t{number}", name=f"标签{number}"))
        resolve_identity("sms", None, "13800138000")
    record_consent(customer, "marketing", "email", granted=True, source="call")
    with django_assert_num_queries(6):
        panel = customer_panel(agent, customer)
    assert [len(part) for part in (panel.contacts, panel.notes, panel.tags, panel.identities)] == [3, 3, 3, 1]
    assert panel.contacts[0].matters == ("complain", "enquire")
    assert panel.consents["marketing"] == {"*": False, "email": True}
