"""A case that came by text message: its limits are said before typing, and no door lets a link out."""

import pytest
from django.conf import settings as house
from django.urls import reverse
from rest_framework.test import APIClient

from console.cases import services
from console.channels import gateway
from console.channels.models import ChannelAccount, Delivery, Message, MessageParticipant
from console.channels.services import Refused, send_pending
from console.channels.services.accounts import configure, set_state
from console.customers.services.identities import resolve_identity
from console.desk.ways import rules_of
from console.events.models import Event
from console.outreach import services as outreach
from console.outreach.rendering import forget
from console.plugin_host.testing import hosting
from console.portal.services import codes
from tests.factories.cases import make_case, make_message
from tests.factories.channels import AGENT
from tests.factories.customers import make_customer
from tests.plugins.sms.conftest import KINDS

LINK = "详情见 evil点com"


@pytest.fixture
def account(preset):
    with hosting((house.BASE_DIR / "plugins", "plugins"), only={"sms"}):
        cls, config, secrets = KINDS["gateway"]
        row = ChannelAccount(connector=cls.slug, name="短信", address="95599")
        configure(row, {**config, "url": "http://127.0.0.1:9/send"}, secrets, AGENT)
        set_state(row, "active", "test", AGENT)
        gateway.refreshed(row, gateway.handle(row))
        yield row


@pytest.fixture
def case(account, team, agent):
    customer = make_customer(phone="13800138001")
    identity = resolve_identity("sms", account, "13800138001")
    message = make_message(account=account, customer=customer, identity=identity, text="卡丢了")
    MessageParticipant.objects.create(message=message, role="from", identity=identity, label="+86138****8001")
    case = make_case("enquiry", message=message)
    services.assign(case, None, team=team, owner=agent)
    return case


def attempts():
    send_pending()  # a worker's next turn writes down what an undone act left behind
    return Event.objects.filter(type="delivery.link_refused").count()


def test_limits_are_said_before_anybody_types(account):
    words = " ".join(str(rule.text) for rule in rules_of(account, None))
    assert all(part in words for part in ("70", "67", "【回音银行】"))


def test_the_desk_refuses_and_keeps_the_attempt(client, case, agent):
    client.force_login(agent)
    identity = case.origin.identity_id
    address = reverse("desk:reply", args=[case.number])
    answer = client.post(address, {"text": LINK, "recipient": f"to:{identity}"}, headers={"HX-Request": "true"})
    assert (answer.status_code, attempts(), Delivery.objects.count()) == (422, 1, 0)


def test_the_api_refuses_and_keeps_the_attempt(case, agent):
    api = APIClient()
    api.force_authenticate(agent)
    answer = api.post(f"/api/v1/cases/{case.number}/reply/", {"text": LINK}, format="json")
    assert (answer.status_code, attempts(), Delivery.objects.count()) == (422, 1, 0)


def test_rules_and_plugins_go_through_the_same_door(case):
    with pytest.raises(Refused):
        services.reply(case, LINK)
    assert attempts() == 1


def test_a_notice_whose_template_holds_a_link_is_not_sent(case, account):
    from console.outreach.models import TemplateText

    TemplateText.objects.filter(template__code="acknowledgement").update(body="已收到，见 evil.com。")
    forget()
    outreach.notify(case, "acknowledgement")
    assert (attempts(), Message.objects.filter(direction="out").count()) == (1, 0)


def test_a_code_comes_by_text_message_and_never_with_a_link(account, case):
    def asked():
        row = codes.ask("sign_in", "phone", "13800138001", network="net", language="zh-hans")
        codes.drain()
        row.refresh_from_db()
        return row.status

    from console.outreach.models import TemplateText

    assert asked() == "sent"
    delivery = Delivery.objects.get()
    assert (delivery.account, delivery.send_class) == (account, "security_code")
    assert "您的验证码为" in delivery.payload["text"]
    TemplateText.objects.filter(template__code="sign-in-code").update(body="验证码{{ code }}，见 evil.com")
    forget()
    assert asked() == "refused"
    assert (attempts(), Delivery.objects.count()) == (1, 1)
