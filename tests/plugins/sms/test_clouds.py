"""Aliyun and Tencent: every code of their tables, approval of templates, and what is asked about a lost answer."""

import pytest

from console.plugin_api.channels import HealthState
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError
from console.plugin_api.testing import FakeContext
from plugins.sms.codes import class_of, table

from . import accounts
from .conftest import connector, message

ENDINGS = {"retry": "retry_later", "throttle": "retry_later", "final": "rejected", "unknown": "unknown"}
CODES = [(name, code, kind) for name in ("aliyun", "tencent") for code, kind in table(name).items()]
ADDRESS = {"aliyun": "https://dysmsapi.aliyuncs.com/", "tencent": "https://sms.tencentcloudapi.com/"}


def refusal(kind, code):
    if kind == "aliyun":
        return {"Code": code, "Message": "said"}
    return {"Response": {"SendStatusSet": [{"Code": code, "Message": "said"}]}}


@pytest.mark.parametrize(("kind", "code", "meaning"), CODES)
def test_each_code_means_what_the_table_says(kind, code, meaning):
    ctx = FakeContext()
    ctx.http.on("POST", ADDRESS[kind], body=refusal(kind, f"{code}Example" if code.endswith(".") else code))
    subject = connector(kind, ctx)
    if meaning in ("auth", "operator"):
        with pytest.raises(AuthenticationFailed if meaning == "auth" else ConfigurationError):
            subject.send(message(), "key-1")
    else:
        assert subject.send(message(), "key-1").outcome == ENDINGS[meaning]


def test_the_longest_name_decides_and_strangers_are_final():
    assert class_of("tencent", "LimitExceeded.PhoneNumberDailyLimit") == "throttle"
    assert class_of("tencent", "InternalError.Timeout") == "retry"
    assert class_of("tencent", "InternalError.SendAndRecvFail") == "unknown"
    assert class_of("aliyun", "isv.SOMETHING_NEW") == "final"


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", {"Response": []}, {"Response": {"SendStatusSet": {}}}])
@pytest.mark.parametrize("kind", ["aliyun", "tencent"])
def test_an_answer_nobody_understands_leaves_it_unknown(kind, body):
    ctx = FakeContext()
    ctx.http.on("POST", ADDRESS[kind], body=body)
    assert connector(kind, ctx).send(message(), "key-1").outcome == "unknown"
    assert list(ctx.store.get("unknown")) == ["key-1"]


def test_numbers_of_lost_answers_are_forgotten_after_days():
    ctx = FakeContext()
    for day in range(5):
        ctx.http.on("POST", ADDRESS["aliyun"], status=500, body="")
        connector("aliyun", ctx).send(message(key=f"key-{day}"), f"key-{day}")
        ctx.clock.tick(86400)
    assert list(ctx.store.get("unknown")) == ["key-2", "key-3", "key-4"]
    assert connector("aliyun", ctx).lookup("key-0").code == "not_remembered"


def sign(status=1):
    return {"Code": "OK", "SignStatus": status}


def template(pattern, status=1):
    return {"Code": "OK", "TemplateStatus": status, "TemplateContent": pattern, "TemplateName": "验证码"}


@pytest.mark.parametrize(
    ("answers", "state", "field"),
    [
        ([sign(), template(accounts.CODE), template(accounts.NOTICE)], HealthState.OK, ""),
        ([sign(0)], HealthState.DOWN, "signature"),
        ([sign(), template(accounts.CODE, 2)], HealthState.DOWN, "templates"),
        ([sign(), template("别的内容")], HealthState.DOWN, "templates"),
        ([{"Code": "isv.SMS_SIGNATURE_ILLEGAL"}], HealthState.DOWN, "signature"),
        ([{"Code": "InvalidAccessKeyId.NotFound"}], HealthState.AUTH_FAILED, "access_key_secret"),
        (["<html>"], HealthState.DOWN, "endpoint"),
    ],
)
def test_aliyun_is_asked_what_it_approved(answers, state, field):
    ctx = FakeContext()
    for body in answers:
        ctx.http.on("POST", ADDRESS["aliyun"], body=body)
    result = connector("aliyun", ctx).test_connection()
    assert (result.state, result.field) == (state, field)
    assert result.detail


def listed(status=0, content="您的验证码为{1}，{2}分钟内有效，请勿告知他人。"):
    row = {"TemplateId": 1001, "StatusCode": status, "TemplateContent": content}
    return {"Response": {"DescribeTemplateStatusSet": [row]}}


@pytest.mark.parametrize(
    ("body", "state", "field"),
    [
        (listed(), HealthState.OK, ""),
        (listed(1), HealthState.DOWN, "templates"),
        (listed(content="别的内容"), HealthState.DOWN, "templates"),
        ({"Response": {"DescribeTemplateStatusSet": []}}, HealthState.DOWN, "templates"),
        ({"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound"}}}, HealthState.AUTH_FAILED, "secret_key"),
        ("", HealthState.DOWN, "endpoint"),
    ],
)
def test_tencent_is_asked_what_it_approved(body, state, field):
    ctx = FakeContext()
    ctx.http.on("POST", ADDRESS["tencent"], body=body)
    result = connector("tencent", ctx).test_connection()
    assert (result.state, result.field) == (state, field)
