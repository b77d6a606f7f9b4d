"""A WeChat message, sealed by an implementation that is not ours, is a case and is answered at the desk in time."""

from datetime import timedelta

import pytest
from django.conf import settings as house
from django.urls import reverse
from django.utils import timezone

from console.cases import services
from console.channels import door, gateway
from console.channels.models import AnswerWindow, ChannelAccount, Delivery, Message
from console.channels.services import send_pending
from console.channels.services.accounts import configure, set_state
from console.conversations.models import Entry
from console.plugin_host.testing import hosting
from tests.counterparts.wechat import wechat_at_work
from tests.factories.cases import make_case
from tests.factories.channels import AGENT
from tests.plugins.wechat import accounts
from tests.plugins.wechat.test_through_the_house import pushed


@pytest.fixture
def server(settings, tmp_path, preset):
    settings.VAULT_ROOT = tmp_path / "vault"
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    door._accounts.clear()
    gateway._kept.handles.clear()
    with hosting((house.BASE_DIR / "plugins", "plugins"), only={"wechat"}), wechat_at_work() as here:
        yield here


@pytest.fixture
def case(server, team, agent):
    row = ChannelAccount(connector="wechat", name="公众号")
    configure(row, {**accounts.CONFIG, "endpoint": server.url}, accounts.SECRETS, AGENT)
    set_state(row, "active", "test", AGENT)
    gateway.refreshed(row, gateway.handle(row))
    server.acted(accounts.OPENID, "message")
    pushed(row, accounts.message("我的卡丢了，请尽快处理"))
    case = make_case("enquiry", message=Message.objects.get())
    services.assign(case, None, team=team, owner=agent)
    return case


def reply(client, case, text):
    address, identity = reverse("desk:reply", args=[case.number]), case.origin.identity_id
    data = {"text": text, "recipient": f"to:{identity}", "seen": str(Entry.objects.latest("pk").pk)}
    return client.post(address, data, headers={"HX-Request": "true"})


def rules(client, case):
    page = client.get(reverse("desk:reply", args=[case.number])).content.decode()
    return page.split('id="reply-rules"')[1].split("</p>")[0]


def test_a_case_is_answered_within_the_window_and_refused_after_it(client, server, case, agent):
    client.force_login(agent)
    assert "5" in rules(client, case)
    assert reply(client, case, "您的卡已挂失。").status_code == 200
    Delivery.objects.update(next_attempt_at=timezone.now(), not_before=None)
    send_pending()
    assert [one["text"]["content"] for one in server.sent] == ["您的卡已挂失。"]
    assert "4" in rules(client, case)
    AnswerWindow.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "tone-red" in rules(client, case)
    refused = reply(client, case, "还有一件事。")
    assert (refused.status_code, "48" in refused.content.decode()) == (422, True)
    assert Delivery.objects.count() == 1
