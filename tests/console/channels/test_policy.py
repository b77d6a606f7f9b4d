"""What may go out: each refusal has a name, a reason and what would be allowed, in both languages."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import override
from freezegun import freeze_time

from console.channels.drafts import Recipient, Upload
from console.channels.models import AttachmentRule, BankDomain, BannedWord, PolicyRule, Role, Suppression
from console.channels.policy.quiet import quiet_until
from console.channels.policy.rules import Rule
from console.channels.services import Refused, check_send, send
from console.customers.services.consents import record_consent
from console.plugin_api.links import find_links
from tests.factories.channels import AGENT, address_of, chat_account, draft_to, message_in, queued
from tests.factories.customers import make_customer

pytestmark = pytest.mark.django_db
LIN = "lin@customer.example"
PHONE = "13800138000"


def codes(draft) -> list[str]:
    return [refusal.code for refusal in check_send(draft)]


def test_an_ordinary_reply_may_go(account):
    assert codes(draft_to(account, LIN)) == []


DISGUISED = [
    "请访问 www.bank.com 查询",
    "bank.com",
    "ｗｗｗ．ｂａｎｋ．ｃｏｍ",
    "b\u0430nk.com",
    "bank。com",
    "bank点com",
    "bank dot com",
    "bank[.]com/x",
    "点击t.cn/abc",
    "看http://1.2.3.4/",
    "hxxps://evil.example",
    "12306.cn",
    "银行.中国",
    "ban\u200bk.c\u200bom",
    "h t t p://x.y",
    "xn--fiqs8s",
    "weixin://dl/x",
    "ⓑank.ⓒom",
    "service@bank.com",
]
HARMLESS = [
    "您的金额为 3.14 元",
    "V2.0 版本,2026.11.22 到期",
    "1.5万元.谢谢",
    "请于 9:00-17:30 到网点办理。com",
    "Tel: 95599",
    "Dear Mr. Li, your case HY-2026-004217 is closed.",
    "请回复 T 退订。",
    "e.g. this",
]


@pytest.mark.parametrize("text", DISGUISED)
def test_no_link_leaves_by_sms_in_any_disguise(sms, text):
    assert "link" in codes(draft_to(sms, PHONE, text=text))


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_sentences_are_no_links(text):
    assert find_links(text) == []


def test_mail_carries_links_to_the_bank_only(account):
    BankDomain.objects.create(domain="bank.com")
    assert codes(draft_to(account, LIN, text="见 https://www.bank.com/x")) == []
    assert codes(draft_to(account, LIN, text="见 https://bank.com.evil.cn/x")) == ["foreign_link"]
    assert codes(draft_to(account, LIN, text="见 b\u0430nk.com")) == ["foreign_link"]
    assert codes(draft_to(account, LIN, html='<a href="https://evil.cn">bank.com</a>')) == ["foreign_link"]


def test_banned_words_are_found_however_they_are_spaced(account):
    BannedWord.objects.create(word="保本保息", reason="请说明产品风险等级。")
    BannedWord.objects.create(word="稳赚", action="confirm")
    refusal = check_send(draft_to(account, LIN, text="本产品保 本·保\u200b息"))[0]
    assert (refusal.code, refusal.allowed, refusal.confirmable) == ("banned_word", "请说明产品风险等级。", False)
    assert codes(draft_to(account, LIN, text="稳赚", confirmed=frozenset(["banned_word"]))) == []


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("card", "6222021001116245702", "卡号 6222 0210 0111 6245 702"),
        ("phone", "13912345678", "电话139-1234-5678"),
        ("id_card", "11010519491231002X", "证件 11010519491231002X"),
        ("email", "other@customer.example", "写信给 other@customer.example"),
    ],
)
def test_another_customers_data_stay_here(account, kind, value, text):
    make_customer(**{kind: value})
    assert codes(draft_to(account, LIN, text=text)) == ["others_data"]


def test_ones_own_data_may_be_told(account):
    owner = make_customer(phone="13912345678", email=LIN)
    assert address_of(account, LIN).customer == owner
    assert codes(draft_to(account, LIN, text="您的电话 13912345678,邮箱 lin@customer.example")) == []


def test_marketing_needs_consent_and_the_last_word_counts(account):
    draft = draft_to(account, LIN, send_class="marketing")
    customer = draft.primary.identity.customer
    assert codes(draft) == ["no_consent"]
    record_consent(customer, "marketing", "email", granted=True, source="test")
    assert codes(draft) == []
    record_consent(customer, "marketing", granted=False, source="test", at=timezone.now() + timedelta(seconds=1))
    with freeze_time(timezone.now() + timedelta(seconds=2)):
        assert codes(draft) == ["no_consent"]


def test_too_long_says_how_much_would_fit(sms):
    refusal = check_send(draft_to(sms, PHONE, text="好" * 501))[0]
    assert (refusal.code, refusal.data) == ("too_long", {"limit": 500, "length": 501})
    PolicyRule.objects.create(send_class="reply", channel_kind="sms", max_length=70)
    assert codes(draft_to(sms, PHONE, text="好" * 71)) == ["too_long"]


def test_nothing_to_say_and_nobody_to_say_it_to(account):
    assert codes(draft_to(account, text=" ")) == ["no_recipient", "empty"]


def test_a_sender_without_an_address_cannot_be_answered_by_mail(account):
    assert codes(draft_to(account, "unknown-4711@sender.invalid")) == ["no_address"]


def test_sms_reaches_one_person_at_a_time(sms):
    assert codes(draft_to(sms, PHONE, "13900139000")) == ["one_recipient"]


def test_a_chat_may_only_answer_and_only_for_a_while(line):
    chat = chat_account()
    asked = message_in(chat, "1", sender="open-1")
    assert codes(draft_to(chat, "open-1")) == ["not_proactive"]
    assert codes(draft_to(chat, "open-1", in_reply_to=asked)) == []
    with freeze_time(timezone.now() + timedelta(hours=49)):
        assert codes(draft_to(chat, "open-1", in_reply_to=asked)) == ["window_closed"]


def test_a_new_outside_recipient_is_warned_about(account):
    asked = message_in(account, "1", sender=LIN, people=[["cc", "wang@other.example"]])
    assert codes(draft_to(account, LIN, "wang@other.example", in_reply_to=asked)) == []
    stranger = draft_to(account, LIN, "stranger@press.example", in_reply_to=asked)
    refusal = check_send(stranger)[0]
    assert (refusal.code, refusal.confirmable) == ("new_recipient", True)
    with pytest.raises(Refused):
        send(stranger, AGENT)
    assert (
        codes(draft_to(account, LIN, "x@press.example", in_reply_to=asked, confirmed=frozenset(["new_recipient"])))
        == []
    )


def test_a_dead_address_is_left_alone(account):
    identity = address_of(account, LIN)
    row = Suppression.objects.create(
        channel_kind="email", address_hash=identity.address_hash, until=timezone.now() + timedelta(days=60)
    )
    assert codes(draft_to(account, LIN)) == ["suppressed"]
    row.lifted_at = timezone.now()
    row.save()
    assert codes(draft_to(account, LIN)) == []


def test_an_account_out_of_use_sends_nothing(account):
    account.state = "paused"
    assert codes(draft_to(account, LIN)) == ["account_off"]


def test_files_must_be_allowed_to_go_out(account, sms):
    AttachmentRule.objects.create(outbound=True, allowed_types=["application/pdf"])
    letter = Upload(name="回函.pdf", content=b"%PDF-1.4 text", content_type="application/pdf")
    program = Upload(name="x.exe", content=b"MZ" + b"\0" * 300)
    assert codes(draft_to(account, LIN, attachments=(letter,))) == []
    assert codes(draft_to(sms, PHONE, attachments=(letter,))) == ["file_kind"]
    with pytest.raises(Refused) as refused:
        send(draft_to(account, LIN, attachments=(program,)), AGENT)
    assert refused.value.refusals[0].code == "file_refused"


def test_a_refusal_speaks_both_languages(sms):
    refusal = check_send(draft_to(sms, PHONE, text="bank.com"))[0]
    with override("en"):
        english = str(refusal.text), str(refusal.allowed)
    with override("zh-hans"):
        chinese = str(refusal.text), str(refusal.allowed)
    assert all(one != other for one, other in zip(english, chinese, strict=True))


NIGHT = Rule(quiet_from=time(20), quiet_to=time(9))
NOON = Rule(quiet_from=time(12), quiet_to=time(14))


@pytest.mark.parametrize(
    ("rule", "zone", "utc", "until"),
    [
        (NIGHT, "Asia/Shanghai", "2026-11-22T13:00+00:00", "2026-11-23T09:00+08:00"),
        (NIGHT, "Asia/Shanghai", "2026-11-22T16:30+00:00", "2026-11-23T09:00+08:00"),
        (NIGHT, "Asia/Shanghai", "2026-11-22T05:00+00:00", None),
        (NIGHT, "Europe/Berlin", "2026-11-22T13:00+00:00", None),
        (NIGHT, "Asia/Shanghai", "2026-11-22T01:00+00:00", None),
        (NOON, "Asia/Shanghai", "2026-11-22T04:30+00:00", "2026-11-22T14:00+08:00"),
        (NIGHT, "Nowhere/Land", "2026-11-22T13:00+00:00", "2026-11-23T09:00+08:00"),
    ],
)
def test_quiet_hours_are_the_customers_own(rule, zone, utc, until):
    found = quiet_until(rule, "marketing", zone, datetime.fromisoformat(utc))
    assert found == (datetime.fromisoformat(until) if until else None)


@pytest.mark.parametrize("send_class", ["reply", "security_code"])
def test_codes_and_replies_never_wait_for_the_morning(send_class):
    midnight = datetime(2026, 11, 22, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert quiet_until(NIGHT, send_class, "Asia/Shanghai", midnight) is None


@freeze_time("2026-11-22T14:00:00+00:00")
def test_a_service_message_waits_for_the_morning_or_is_refused_by_rule(sms):
    delivery = queued(sms, PHONE, send_class="service")
    assert delivery.not_before == datetime.fromisoformat("2026-11-23T08:00+08:00")
    PolicyRule.objects.create(send_class="service", quiet_from=time(21), quiet_to=time(8), quiet_action="refuse")
    assert codes(draft_to(sms, PHONE, send_class="service")) == ["quiet_hours"]


def test_recipients_keep_their_roles(account):
    people = (Recipient(address_of(account, LIN)), Recipient(address_of(account, "wang@other.example"), Role.BCC))
    delivery = send(draft_to(account).__class__(account=account, recipients=people, text="x"), AGENT)
    assert sorted(delivery.message.participants.values_list("role", flat=True)) == ["bcc", "to"]
