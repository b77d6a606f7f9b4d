"""The whole way: what wechatpy sealed comes in at the door, becomes a case, and is answered while WeChat allows it."""

import time

import pytest
from django.conf import settings as house
from django.test import Client

from console.channels import door, gateway
from console.channels.models import ChannelAccount, Delivery, Envelope, Message
from console.channels.services import Refused, check_send, fetch_pending, parse_pending, send, send_pending
from console.channels.services.accounts import configure, set_state
from console.channels.services.accounts import test_account as tried
from console.customers.services.consents import has_consent, record_consent
from console.desk.ways import rules_of
from console.plugin_host.testing import hosting
from tests.counterparts.wechat import wechat_at_work
from tests.factories.channels import AGENT, address_of, draft_to

from . import accounts
from .accounts import OPENID, event, message, sealed, signature

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 50


@pytest.fixture
def server(settings, tmp_path, db):
    settings.VAULT_ROOT = tmp_path / "vault"
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    door._accounts.clear()
    gateway._kept.handles.clear()
    with hosting((house.BASE_DIR / "plugins", "plugins"), only={"wechat"}) as host, wechat_at_work() as here:
        assert host.registry.problems == []
        yield here


@pytest.fixture
def account(server):
    def make(name="公众号", secrets=None, **changes):
        row = ChannelAccount(connector="wechat", name=name)
        configure(
            row, {**accounts.CONFIG, "endpoint": server.url, **changes}, {**accounts.SECRETS, **(secrets or {})}, AGENT
        )
        set_state(row, "active", "test", AGENT)
        gateway.refreshed(row, gateway.handle(row))
        return row

    return make


def pushed(account, xml, **how):
    query, body = sealed(xml, **how)
    answer = called(account, query, body)
    parse_pending()
    return answer


def called(account, query, body):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return Client().post(f"/hooks/{account.uid}/?{asked}", body, content_type="text/xml")


def codes(account):
    return [one.code for one in check_send(draft_to(account, OPENID))]


def test_a_question_is_answered_within_its_window(account, server):
    row = account()
    assert tried(row).state == "ok"
    assert codes(row) == ["window_closed"]
    server.acted(OPENID, "message")
    answer = pushed(row, message("我的卡丢了 😀"))
    assert (answer.status_code, answer.content) == (200, b"success")
    (asked,) = Message.objects.all()
    assert (asked.text, asked.identity.address, int(asked.identity.level)) == ("我的卡丢了 😀", OPENID, 1)
    for number in range(5):
        send(draft_to(row, OPENID, text=f"第{number}条", in_reply_to=asked), AGENT)
    assert codes(row) == ["window_used_up"]
    assert rules_of(row, asked, asked.identity)[-1].tone == "red"
    send_pending()
    assert [one["text"]["content"] for one in server.sent] == [f"第{number}条" for number in range(5)]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_what_wechat_sends_three_times_is_one_message(account, server):
    row = account()
    for xml in [message("你好", "7"), event("CLICK", "BALANCE", CreateTime="")]:
        query, body = sealed(xml)
        for _ in range(3):
            assert called(row, query, body).content == b"success"
        pushed(row, xml)
    assert sorted(Message.objects.values_list("automatic", flat=True)) == ["", "click"]
    assert Envelope.objects.count() == 8


def test_the_address_is_checked_by_the_word_it_gets_back(account):
    row, now = account(), str(int(time.time()))
    good = {"signature": signature(accounts.TOKEN, now, "5"), "timestamp": now, "nonce": "5", "echostr": "8421"}
    door_ = f"/hooks/{row.uid}/"
    assert Client().get(door_, good).content == b"8421"
    assert Client().get(door_, {**good, "signature": "0" * 40}).status_code == 403


def forged(query, body):
    return {**query, "msg_signature": "0" * 40}, body


def changed(query, body):
    return query, body.replace(b"<![CDATA[", b"<![CDATA[AAAA")


def clear(query, body):
    return query, message("你好").encode()


@pytest.mark.parametrize("spoil", [forged, changed, clear])
def test_what_is_not_signed_and_sealed_is_refused(account, spoil):
    assert called(account(), *spoil(*sealed(message("你好")))).status_code == 401
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "how", [{"appid": "wx0000000000000000"}, {"token": "another"}, {"key": accounts.KEY[::-1]}, {"at": 1_700_000_000}]
)
def test_another_account_another_key_and_an_old_call_are_refused(account, how):
    assert pushed(account(), message("你好"), **how).status_code == 401
    assert not Message.objects.exists()


def test_plain_mode_reads_plain_words(account):
    row, now = account(mode="plain"), str(int(time.time()))
    query = {"signature": signature(accounts.TOKEN, now, "5"), "timestamp": now, "nonce": "5"}
    assert called(row, query, message("你好").encode()).content == b"success"
    assert called(row, {**query, "nonce": "6"}, message("你好").encode()).status_code == 401
    parse_pending()
    assert Message.objects.get().text == "你好"


def test_a_picture_is_fetched_after_its_message_and_may_be_gone(account, server):
    row = account()
    server.media["m1"] = PNG
    pushed(row, message("", "1", MsgType="image", MediaId="m1"))
    pushed(row, message("", "2", MsgType="image", MediaId="m2"))
    states = [one.attachments.get().state for one in Message.objects.order_by("pk")]
    assert states == ["fetching", "fetching"]
    fetch_pending()
    assert [one.attachments.get().state for one in Message.objects.order_by("pk")] == ["unscanned", "gone"]


def test_the_providers_own_count_is_believed(account, server):
    row = account()
    pushed(row, message("你好"))
    send(draft_to(row, OPENID), AGENT)
    send_pending()
    assert Delivery.objects.get().status == "failed"
    assert codes(row) == ["window_closed"]


def test_leaving_ends_marketing_and_is_on_record(account):
    row = account()
    customer = address_of(row, OPENID).customer
    record_consent(customer, "marketing", "wechat", granted=True, source="test")
    pushed(row, event("unsubscribe"))
    assert not has_consent(customer, "marketing", "wechat")
    assert Message.objects.get().automatic == "unsubscribe"


def test_two_accounts_side_by_side_share_nothing(account, server):
    one = account()
    other = account("另一个", secrets={"token": "otherToken"}, address="gh_other")
    pushed(one, message("你好"))
    pushed(other, message("你好", to="gh_other"), token="otherToken")
    assert pushed(other, message("再问", "2")).status_code == 401
    first, second = Message.objects.order_by("pk")
    assert first.identity_id != second.identity_id
    send(draft_to(one, OPENID), AGENT)
    left = [rules_of(row, None, address_of(row, OPENID))[-1].text for row in (one, other)]
    assert ("4" in left[0], "5" in left[1]) == (True, True)


def test_too_long_is_said_before_it_is_sent(account):
    row = account()
    pushed(row, message("你好"))
    assert check_send(draft_to(row, OPENID, text="好" * 682)) == []
    for text in ("好" * 683, "😀" * 600):
        with pytest.raises(Refused):
            send(draft_to(row, OPENID, text=text), AGENT)
