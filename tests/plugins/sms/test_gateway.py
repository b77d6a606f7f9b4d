"""Gateways as administrators describe them: every way to sign, to write fields, to answer and to call back."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from console.plugin_api.channels import EnvelopeView, HealthState
from console.plugin_api.errors import PermanentFailure, PluginError, RetryLater
from console.plugin_api.testing import FakeContext
from plugins.sms.gateway.filling import Recipe, build
from plugins.sms.gateway.signing import Signing

from .accounts import GATEWAY_SECRETS, TOKEN
from .conftest import connector, message

VALUES = {"phone": "13800138000", "text": '他说 "a&b=c"\n{secret}', "key": "k1", "account": "bank 1", "secret": "s3"}


def recipe(**changes):
    return Recipe(**{"method": "POST", "url": "https://g.example/send", **changes})


def test_values_cannot_change_the_shape_of_a_request():
    body = '{"to": "{phone}", "list": ["{text}"], "n": 1}'
    made = build(recipe(body=body, url="https://g.example/{text}?u={account}", headers=(("X-T", "{text}"),)), VALUES)
    assert json.loads(made.content) == {"to": "13800138000", "list": [VALUES["text"]], "n": 1}
    assert made.url == "https://g.example/%E4%BB%96%E8%AF%B4%20%22a%26b%3Dc%22%0A%7Bsecret%7D?u=bank%201"
    assert "\n" not in made.headers["x-t"]
    form = build(recipe(kind="form", body="to={phone}\nmsg={text}"), VALUES)
    assert parse_qs(form.content.decode()) == {"to": ["13800138000"], "msg": [VALUES["text"]]}
    query = build(recipe(kind="query", method="GET", body="to={phone}\nmsg={text}"), VALUES)
    assert parse_qs(urlsplit(query.url).query)["msg"] == [VALUES["text"]]
    assert query.content == b""


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_digests_over_described_fields(kind):
    made = build(recipe(body='{"s": "{sign}"}', signing=Signing(kind, "{account}{secret}{key}", "upper")), VALUES)
    assert json.loads(made.content)["s"] == hashlib.new(kind, b"bank 1s3k1").hexdigest().upper()


def test_all_fields_by_name_with_the_secret_behind():
    signing = Signing("md5", "{sorted}{secret}")
    made = build(recipe(kind="form", body="to={phone}\nacc={account}\nsign={sign}", signing=signing), VALUES)
    wanted = hashlib.md5(b"acc=bank 1&to=13800138000s3", usedforsecurity=False).hexdigest()
    assert parse_qs(made.content.decode())["sign"] == [wanted]


def test_a_mac_over_the_body_stands_in_a_header():
    signing = Signing("hmac_sha1", "{body}", "base64")
    made = build(recipe(body='{"t": "{text}"}', headers=(("Authorization", "V1 {sign}"),), signing=signing), VALUES)
    wanted = base64.b64encode(hmac.digest(b"s3", made.content, "sha1")).decode()
    assert made.headers["authorization"] == f"V1 {wanted}"


def answered(body, status=200, headers=None, **config):
    ctx = FakeContext()
    ctx.http.on("POST", "https://gateway.example/send", status=status, body=body, headers=headers)
    return connector("gateway", ctx, **config).send(message(), "key-1")


TEXTUAL = {"success_path": "", "success_values": "0:", "busy_values": "3:", "id_path": ""}


@pytest.mark.parametrize(
    ("body", "config", "outcome", "code"),
    [
        ({"code": 0, "data": {"id": 77}}, {}, "accepted", ""),
        ({"code": "0", "data": {}}, {}, "accepted", ""),
        ({"code": 5, "msg": "余额不足"}, {}, "rejected", "5"),
        ({"data": {}}, {}, "unknown", "unreadable_answer"),
        ("<html>", {}, "unknown", "unreadable_answer"),
        ("[" * 5000, {}, "unknown", "unreadable_answer"),
        ({"ok": True}, {"success_path": "ok", "success_values": "true"}, "accepted", ""),
        ([{"s": "OK"}], {"success_path": "0.s", "success_values": "OK,DONE"}, "accepted", ""),
        ("0: Accepted for delivery", TEXTUAL, "accepted", ""),
        ("3: Queued", TEXTUAL, "retry_later", "busy"),
        ("anything", {"success_path": "", "success_values": ""}, "accepted", ""),
    ],
)
def test_answers_are_read_as_described(body, config, outcome, code):
    result = answered(body, **config)
    assert (result.outcome, result.code) == (outcome, code)


def test_how_long_to_wait_is_the_gateways_word():
    assert answered("", status=429, headers={"Retry-After": "7"}).retry_after == 7
    assert answered("", status=429, headers={"Retry-After": "tomorrow"}).retry_after == 60
    assert (answered("", status=400).outcome, answered("", status=502).outcome) == ("rejected", "unknown")


def test_the_gateway_may_add_the_signature_itself():
    ctx = FakeContext()
    for body in ({"code": 0}, {"code": 0}):
        ctx.http.on("POST", "https://gateway.example/send", body=body)
    connector("gateway", ctx, suffixes="").send(message("您好"), "key-1")
    connector("gateway", ctx, suffixes="", signed_by="gateway").send(message("您好"), "key-1")
    assert [json.loads(one.options["content"])["msg"] for one in ctx.http.asked] == ["【回音银行】您好", "您好"]


def test_calls_need_the_secret():
    body = b'{"reports": []}'
    seal = hmac.digest(TOKEN.encode(), body, "sha256").hex()
    subject = connector("gateway")
    assert type(subject.verify(EnvelopeView(raw=body, headers={"x-signature": seal}))).__name__ == "Verified"
    assert subject.verify(EnvelopeView(raw=body, headers={"x-signature": seal[:-1]})).reason == "bad_signature"
    assert subject.verify(EnvelopeView(raw=body, query={"token": TOKEN})).reason == "bad_signature"
    by_token = connector("gateway", hook_check="token")
    assert type(by_token.verify(EnvelopeView(raw=body, query={"token": TOKEN}))).__name__ == "Verified"
    assert by_token.verify(EnvelopeView(raw=body, query={"token": "令牌"})).reason == "bad_token"
    nobody = connector("gateway", secrets={"hook_token": ""}, hook_check="token")
    assert nobody.verify(EnvelopeView(raw=body, query={"token": ""})).reason == "bad_token"


def test_a_form_and_an_address_are_read_like_json():
    subject = connector("gateway", items="", receipt_key="ref")
    form = subject.parse(EnvelopeView(raw=b"msgid=g-1&ref=k1&stat=DELIVRD&at=20261124093008"))
    query = subject.parse(EnvelopeView(raw=b"", query={"msgid": "g-1", "ref": "k1", "stat": "DELIVRD", "token": "x"}))
    assert [one.status for one in (*form, *query)] == ["delivered", "delivered"]
    assert form[0].at.isoformat() == "2026-11-24T09:30:08+08:00"


@pytest.mark.parametrize(
    "raw",
    [b'{"x": 1}', b'{"reports": 5}', b'{"reports": [5]}', b'{"reports": [{"stat": {}}]}',
     b'{"reports": [{"msgid": "1"}]}', b'{"reports": [{"stat": "DELIVRD"}]}', b"\xff\xfe", b"nonsense",
     b'{"reports": ' + b"[" * 9000],
)  # fmt: skip
def test_calls_that_say_nothing_are_set_aside(raw):
    with pytest.raises(PermanentFailure):
        connector("gateway").parse(EnvelopeView(raw=raw))


@pytest.mark.parametrize("kind", ["aliyun", "tencent", "gateway"])
@pytest.mark.parametrize(
    "value", [None, [], {}, "x" * 9000, 10**400, -1, True, [[1]], {"a": 1}, "\x00", "2026-99-99 99:99:99", 1e308]
)
def test_hostile_values_break_no_reader(kind, value):
    fields = ("phone_number", "content", "send_time", "sequence_id", "success", "err_code", "biz_id", "out_id",
              "report_time", "mobile", "nationcode", "text", "time", "report_status", "sid", "ext", "errmsg",
              "msgid", "ref", "stat", "at", "from", "mo")  # fmt: skip
    for name in fields:
        good = {"phone_number": "13800138001", "mobile": "13800138001", "from": "13800138001", "biz_id": "1",
                "sid": "1", "msgid": "1", "success": True, "report_status": "SUCCESS", "stat": "DELIVRD"}  # fmt: skip
        item = {**good, name: value}
        raw = json.dumps({"reports": [item]} if kind == "gateway" else [item]).encode()
        try:
            found = connector(kind).parse(EnvelopeView(raw=raw))
        except PluginError:
            continue
        assert all(len(getattr(one, "provider_message_id", "")) <= 255 for one in found)


def test_polling_brings_news_or_nothing():
    ctx = FakeContext()
    subject = connector("gateway", ctx, poll_url="https://gateway.example/receipts?u={account}")
    assert subject.capabilities_for_account().inbound_poll
    assert not connector("gateway").capabilities_for_account().inbound_poll
    ctx.http.on("GET", "https://gateway.example/receipts?u=bank%201", body={"reports": []})
    assert subject.poll("").envelopes == ()
    ctx.http.on("GET", "https://gateway.example/receipts", body={"reports": [{"ref": "k1", "stat": "DELIVRD"}]})
    (envelope,) = subject.poll("").envelopes
    assert subject.parse(envelope)[0].delivery_key == "k1"
    ctx.http.on("GET", "https://gateway.example/receipts", status=500)
    with pytest.raises(RetryLater):
        subject.poll("")


@pytest.mark.parametrize(
    ("status", "config", "state", "field"),
    [
        (404, {}, HealthState.OK, ""),
        (502, {}, HealthState.DOWN, "url"),
        (200, {"test_url": "https://gateway.example/send/balance"}, HealthState.OK, ""),
        (403, {"test_url": "https://gateway.example/send/balance"}, HealthState.AUTH_FAILED, "secret"),
        (404, {"test_url": "https://gateway.example/send/balance"}, HealthState.DOWN, "test_url"),
    ],
)
def test_the_connection_is_tried_without_sending(status, config, state, field):
    ctx = FakeContext()
    ctx.http.on("GET", "https://gateway.example/send", status=status)
    result = connector("gateway", ctx, **config).test_connection()
    assert (result.state, result.field) == (state, field)
    assert GATEWAY_SECRETS["secret"] not in f"{result!r}{ctx.http.asked!r}"
