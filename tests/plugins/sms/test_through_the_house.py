"""The whole way: policy, the pump, the webhook door, receipts in any order, opt-out, and no link by any door."""

import itertools
import json

import pytest
from django.conf import settings as house
from django.db import transaction
from django.test import Client

from console.channels import door, gateway
from console.channels.models import ChannelAccount, Delivery, Envelope, Message
from console.channels.services import Refused, check_send, parse_pending, send, send_pending
from console.channels.services.accounts import configure, set_state
from console.channels.services.sending import resend
from console.customers.services.consents import has_consent, record_consent
from console.events.models import Event
from console.plugin_api.capabilities import SendClass
from console.plugin_host.testing import hosting
from tests.factories.channels import AGENT, address_of, draft_to

from . import accounts
from .conftest import CODE_TEXT, KINDS, provider_at_work

PHONE = "13800138001"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plugins(settings, tmp_path, db):
    settings.VAULT_ROOT = tmp_path / "vault"
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    door._accounts.clear()
    gateway._kept.handles.clear()
    with hosting((house.BASE_DIR / "plugins", "plugins"), only={"sms"}) as host:
        assert host.registry.problems == []
        yield host


@pytest.fixture
def provider():
    with provider_at_work() as here:
        yield here


@pytest.fixture
def account(provider):
    """Makes a working account of one kind."""

    def make(kind, **changes):
        cls, config, secrets = KINDS[kind]
        where = {"url": f"{provider.url}/send"} if kind == "gateway" else {"endpoint": provider.url}
        row = ChannelAccount(connector=cls.slug, name=kind, address="95599")
        configure(row, {**config, **where, **changes}, secrets, AGENT)
        set_state(row, "active", "test", AGENT)
        gateway.refreshed(row, gateway.handle(row))
        return row

    return make


def called(account, body, **more):
    answer = Client().post(
        f"/hooks/{account.uid}/?token={more.pop('token', accounts.TOKEN)}",
        json.dumps(body),
        content_type="application/json",
    )
    parse_pending()
    return answer


def code_to(account, **more):
    return send(draft_to(account, PHONE, text=CODE_TEXT, send_class=SendClass.SECURITY_CODE, **more), AGENT)


def report(key, *, success=True, at="09:30:08", code="DELIVERED"):
    return {"success": success, "err_code": code, "out_id": key, "biz_id": "9006^0", "report_time": f"2026-11-24 {at}"}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_code_goes_out_and_its_receipt_comes_back(account, provider, kind):
    row = account(kind)
    assert row.channel_kind == "sms"
    delivery = code_to(row)
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, len(provider.taken), provider.refused) == ("sent", 1, [])
    if kind == "aliyun":
        answer = called(row, [report(delivery.key)])
        assert json.loads(answer.content)["code"] == 0
    elif kind == "tencent":
        state = {
            "report_status": "SUCCESS",
            "sid": "5000:1",
            "ext": delivery.key,
            "user_receive_time": "2026-11-24 09:30:08",
        }
        assert json.loads(called(row, [state]).content)["result"] == 0
    if kind != "gateway":
        delivery.refresh_from_db()
        assert delivery.status == "delivered"


def test_reports_twice_and_in_any_order_end_the_same(account):
    """A failed try at 09:30:01 and an arrival at 09:30:08, the arrival told twice: it arrived, whoever comes first."""
    row = account("aliyun")
    tries = [("09:30:08", True), ("09:30:01", False), ("09:30:08", True)]
    for order in set(itertools.permutations(tries)):
        delivery = code_to(row)
        send_pending()
        for at, success in order:
            called(row, [report(delivery.key, success=success, at=at, code="" if success else "BUSY")])
        delivery.refresh_from_db()
        assert delivery.status == "delivered", order


def test_a_call_without_the_secret_is_not_believed(account):
    row = account("aliyun")
    delivery = code_to(row)
    send_pending()
    assert called(row, [report(delivery.key)], token="guessed").status_code == 401
    delivery.refresh_from_db()
    assert delivery.status == "sent"


def test_an_answer_sent_twice_is_one_message(account):
    row = account("aliyun")
    item = {"phone_number": PHONE, "content": "谢谢", "send_time": "2026-11-24 10:00:01", "sequence_id": 5}
    called(row, [item])
    called(row, [item, {**item, "sequence_id": 6, "content": "再问一下"}])
    assert sorted(Message.objects.values_list("text", flat=True)) == ["再问一下", "谢谢"]


def test_no_more_ends_marketing_and_surveys_but_not_service(account):
    row = account("aliyun")
    customer = address_of(row, PHONE).customer
    record_consent(customer, "marketing", "sms", granted=True, source="test")
    opt = {"phone_number": PHONE, "content": "ＴＤ", "send_time": "2026-11-24 10:00:01", "sequence_id": 7}
    called(row, [opt])
    called(row, [{**opt, "sequence_id": 8}])
    assert not has_consent(customer, "marketing", "sms")
    assert not has_consent(customer, "survey", "sms")
    assert has_consent(customer, "service", "sms")
    assert has_consent(customer, "survey", "email")
    assert customer.consents.filter(state="withdrawn").count() == 2
    assert Message.objects.filter(automatic="opt_out").count() == 2


def test_what_nobody_approved_is_refused_before_it_is_queued(account):
    refusals = check_send(draft_to(account("aliyun"), PHONE, text="您好，已受理。"))
    assert [one.code for one in refusals] == ["no_template"]
    assert refusals[0].data["templates"] == [accounts.CODE, accounts.NOTICE]


def test_parts_are_refused_with_their_number(account):
    row = account("gateway", max_segments=2)
    assert check_send(draft_to(row, PHONE, text="好" * (134 - 6))) == []
    (refusal,) = check_send(draft_to(row, PHONE, text="好" * (134 - 5)))
    assert refusal.code == "too_long"
    (refusal,) = check_send(draft_to(row, PHONE, text="😀" * 65))
    assert (refusal.code, refusal.data) == ("too_long", {"segments": 3, "max_segments": 2})


def attempts():
    return list(Event.objects.filter(type="delivery.link_refused").order_by("pk"))


def test_an_attempt_to_send_a_link_is_kept_though_its_act_is_undone(account):
    row = account("gateway")
    with pytest.raises(Refused), transaction.atomic():
        send(draft_to(row, PHONE, text="详情见 evil点com"), AGENT)
    Client().get("/")
    (event,) = attempts()
    assert event.data["account_id"] == row.pk
    assert "evil" not in json.dumps(event.data)
    assert not Delivery.objects.exists()


def test_a_link_that_was_queued_past_policy_ends_in_the_pump(account, provider):
    """Whoever writes rows by hand, and whatever was queued before the rule: the last look is before the connector."""
    row = account("gateway")
    delivery = send(draft_to(row, PHONE, text="您好"), AGENT)
    Message.objects.filter(pk=delivery.message_id).update(text="ｅｖｉｌ．ｃｏｍ")
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason, provider.taken) == ("failed", "link", [])
    assert len(attempts()) == 1
    resend(delivery, AGENT)
    send_pending()
    delivery.refresh_from_db()
    assert (delivery.status, provider.taken, len(attempts())) == ("failed", [], 2)


def test_a_portal_code_finds_the_account_by_its_number(account):
    from console.portal.services.codes import account_for

    row = account("aliyun")
    assert account_for("phone") == row
    assert account_for("email") is None


def test_what_a_page_of_an_account_shows_holds_no_secret(account, plugins):
    row = account("tencent")
    code_to(row)
    send_pending()
    shown = json.dumps(gateway.handle(row).diagnostics()) + json.dumps(row.config)
    assert not any(secret in shown for secret in accounts.TENCENT_SECRETS.values())
    assert not Envelope.objects.exists()
