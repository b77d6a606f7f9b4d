"""Who, when, in answer to what, by whom: what a header tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.plugin_api.channels import IdentityLevel
from plugins.email.inbound.times import reached_at, read_date
from plugins.email.mime.addresses import read_addresses

from .helpers import NOW, codes, mail, message

HUMAN = [
    {},
    {"Auto_Submitted": "no"},
    {"X_Auto_Response_Suppress": "All"},
    {"Precedence": "first-class"},
    {"Subject": "回复: 自动回复: 收到"},
    {"Subject": "关于自动回复的投诉"},
    {"From": "noreply@company.test"},
    {"Subject": "Out of office hours nobody answers"},
    {"Auto_Submitted": "no", "Precedence": "bulk"},
]
MACHINE = [
    ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
    ({"Auto_Submitted": "auto-replied (vacation)"}, "auto_reply"),
    ({"Auto_Submitted": "auto-generated"}, "auto_generated"),
    ({"Auto_Submitted": "auto-notified; owner"}, "auto_generated"),
    ({"Precedence": "bulk"}, "list"),
    ({"Precedence": "junk"}, "list"),
    ({"Precedence": "auto_reply"}, "auto_reply"),
    ({"List_Id": "<news.x.test>"}, "list"),
    ({"List_Unsubscribe": "<https://x.test>"}, "list"),
    ({"X_Autoreply": "yes"}, "auto_reply"),
    ({"X_Autorespond": "x"}, "auto_reply"),
    ({"X_Huiyin_Loop": "any"}, "loop"),
    ({"From": "service@bank.test"}, "loop"),
    ({"Return_Path": "<>"}, "bounce"),
    ({"Subject": "自动回复: 您的来信", "X_Auto_Response_Suppress": "All"}, "out_of_office"),
    ({"Auto_Submitted": "no", "X_Huiyin_Loop": "x"}, "loop"),
]


@pytest.mark.parametrize("fields", HUMAN, ids=str)
def test_people(fields: dict):
    assert message(mail("x", **fields)).automatic is None


@pytest.mark.parametrize(("fields", "code"), MACHINE, ids=str)
def test_machines(fields: dict, code: str):
    found = message(mail("x", **fields))
    assert found.automatic == code
    assert found.meta["suppress_reply"] is True


@pytest.mark.parametrize(
    "fields",
    [
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"From": "no-reply@x.test"},
        {"Subject": "Automatic reply: x"},
        {"Subject": "自动回复：来信收到"},
    ],
    ids=str,
)
def test_a_person_we_must_not_answer_by_machine(fields: dict):
    found = message(mail("x", **fields))
    assert (found.automatic, found.meta["suppress_reply"]) == (None, True)


def test_everybody_is_kept():
    found = message(
        mail(
            "x",
            To='"Service" <service+t1.x@bank.test>, b@x.test',
            Cc="c@x.test",
            Reply_To="d@x.test",
            Delivered_To="hidden@bank.test",
        )
    )
    assert {(one.role.value, one.address.value) for one in found.recipients} == {
        ("to", "service@bank.test"),
        ("to", "b@x.test"),
        ("cc", "c@x.test"),
        ("bcc", "hidden@bank.test"),
        ("reply_to", "d@x.test"),
    }
    assert found.sender.value == "customer@bank.test"
    assert "reply_to_differs" in codes(found)


def test_a_missing_sender_is_never_somebody_else():
    one, two = message(mail("a", From="", Subject="1")), message(mail("b", From="", Subject="2"))
    assert one.sender.value != two.sender.value
    assert one.sender.value.endswith("@sender.invalid")


ADDRESSES = {
    b"a@x.test": [("a@x.test", "")],
    b'"Zhang, San" <A@X.test>': [("a@x.test", "Zhang, San")],
    b"=?gbk?B?1cXI/Q==?= <a@x.test>": [("a@x.test", "张三")],
    '"张三"<a@x.test>'.encode("gbk"): [("a@x.test", "张三")],
    "张三 <a@例子.中国>".encode(): [("a@xn--fsqu00a.xn--fiqs8s", "张三")],
    b"a@x.test (Zhang (old) San)": [("a@x.test", "Zhang old San")],
    b"Team: a@x.test, B <b@x.test>;": [("a@x.test", ""), ("b@x.test", "B")],
    b"undisclosed-recipients:;": [],
    b"a@x.test; b@x.test": [("a@x.test", ""), ("b@x.test", "")],
    b"<@relay,@other:a@x.test>": [("a@x.test", "")],
    b"mailto:a@x.test": [("a@x.test", "")],
    b"'a@x.test' <a@x.test>": [("a@x.test", "")],
    b"a@x.test, A <a@x.test>": [("a@x.test", "")],
    b"no address here": [],
    b"broken <a@x.test": [("a@x.test", "broken")],
    b'"a\\"b" <a@x.test>': [("a@x.test", 'a"b')],
}


@pytest.mark.parametrize("raw", ADDRESSES, ids=repr)
def test_addresses(raw: bytes):
    assert [tuple(box) for box in read_addresses([raw])] == ADDRESSES[raw]


def test_what_it_answers_to():
    found = message(
        mail(
            "x",
            In_Reply_To="<hy.k1@bank.test> (your mail)",
            References="<a@x.test>\r\n <hy.k1@bank.test>",
            Subject="Re: x [#T42]",
            To="service+t7.sig@bank.test",
        )
    )
    assert found.thread.in_reply_to == "hy.k1@bank.test"
    assert found.thread.references == ("a@x.test", "hy.k1@bank.test")
    assert found.thread.tokens == ("t7.sig", "T42")


def test_a_foreign_plus_address_is_no_token():
    assert message(mail("x", To="someone+t7.sig@bank.test, service+t7.sig@other.test")).thread.tokens == ()


def test_names_are_stable_and_distinct():
    same = message(mail("text")).provider_message_id
    assert message(b"Received: by x; Sun\r\n" + mail("text")).provider_message_id == same
    assert message(mail("other text")).provider_message_id != same
    assert message(mail("text")).wire_id == "m1@cust.test"
    assert message(mail("dGV4dA==", Content_Transfer_Encoding="base64")).provider_message_id == same


def test_a_mail_without_id_gets_the_same_one_each_time():
    one, two = message(mail("text", Message_ID="")), message(mail("text", Message_ID=""))
    assert one.provider_message_id == two.provider_message_id
    assert one.wire_id == ""
    assert message(mail("text 2", Message_ID="")).provider_message_id != one.provider_message_id


def test_when_it_was_written_and_when_it_reached_us():
    assert message(mail("x")).occurred_at == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert message(mail("x", Date="Sun, 22 Nov 2099 15:00:00 +0800")).occurred_at == NOW
    assert message(mail("x", Date="2026年11月22日 15:00")).occurred_at == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert read_date("") is None
    assert read_date("Sun, 99 Nov 2026 99:99:99 +9999") is None


def test_a_weekend_outage_keeps_the_time_of_arrival():
    raw = mail("x", Received="from a by mx.bank.test; Fri, 20 Nov 2026 18:00:00 +0800")
    assert reached_at(raw, NOW) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert reached_at(raw, NOW, hops=0) == NOW
    assert reached_at(raw, NOW + timedelta(days=60)) == NOW + timedelta(days=60)
    assert reached_at(mail("x"), NOW) == NOW


RESULTS = "mx.bank.test; dkim=pass header.d=bank.test; spf=pass smtp.mailfrom=customer@bank.test"


@pytest.mark.parametrize(
    ("fields", "authserv", "level"),
    [
        ({"Authentication_Results": RESULTS}, "mx.bank.test", IdentityLevel.L1),
        ({"Authentication_Results": RESULTS}, "", IdentityLevel.L0),
        ({"Authentication_Results": RESULTS}, "mx.other.test", IdentityLevel.L0),
        ({"Authentication_Results": "mx.bank.test; dkim=pass header.d=evil.test"}, "mx.bank.test", IdentityLevel.L0),
        ({"Authentication_Results": "mx.bank.test; dkim=fail header.d=bank.test"}, "mx.bank.test", IdentityLevel.L0),
    ],
)
def test_identity(fields: dict, authserv: str, level: IdentityLevel):
    assert message(mail("x", **fields), authserv=authserv).evidence.level is level


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("您好，我要投诉信用卡", "zh-hans"),
        ("您好,我的帳號沒辦法開啟,請幫我處理這個問題", "zh-hant"),
        ("Hello, my card does not work", "en"),
        ("123", ""),
    ],
)
def test_language(text: str, language: str):
    assert message(mail(text, Subject="")).language == language
