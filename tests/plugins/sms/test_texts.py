"""Parts, signatures, suffixes, templates and opt-out words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_api.capabilities import SendClass
from console.plugin_api.errors import PermanentFailure
from console.plugin_api.segments import PART, WHOLE, segments
from console.plugin_api.templates import chosen, filled, side_by_side
from plugins.sms.approved import read_templates
from plugins.sms.forms import AliyunConfigForm, GatewayConfigForm
from plugins.sms.numbers import international, national
from plugins.sms.optout import wants_out
from plugins.sms.wording import Suffix, Wording, read_suffixes, worded

from . import accounts
from .conftest import connector, message


@pytest.mark.parametrize(
    ("text", "gsm", "expected"),
    [
        ("", False, ("ucs2", 0, 0)),
        ("好" * 70, False, ("ucs2", 70, 1)),
        ("好" * 71, False, ("ucs2", 71, 2)),
        ("好" * 134, False, ("ucs2", 134, 2)),
        ("好" * 135, False, ("ucs2", 135, 3)),
        ("a" * 160, True, ("gsm7", 160, 1)),
        ("a" * 161, True, ("gsm7", 161, 2)),
        ("a" * 306, True, ("gsm7", 306, 2)),
        ("a" * 307, True, ("gsm7", 307, 3)),
        ("a" * 160, False, ("ucs2", 160, 3)),
        ("€" * 80, True, ("gsm7", 160, 1)),
        ("a" * 152 + "€" * 5, True, ("gsm7", 162, 2)),
        ("a好", True, ("ucs2", 2, 1)),
        ("😀" * 35, False, ("ucs2", 70, 1)),
        ("😀" * 67, False, ("ucs2", 134, 3)),  # 33 pairs in a part: none is cut
    ],
)
def test_parts_are_counted_as_they_are_billed(text, gsm, expected):
    found = segments(text, gsm=gsm)
    assert (found.alphabet, found.units, found.count) == expected


@given(st.text(alphabet="aé€好😀\n", max_size=700), st.booleans())
def test_parts_hold_what_they_can_and_no_more(text, gsm):
    """Against parts really cut: UTF-16 or septets, by hand."""
    found = segments(text, gsm=gsm)
    sizes = [len(char.encode("utf-16-be")) // 2 for char in text]
    if found.alphabet == "gsm7":
        sizes = [2 if char == "€" else 1 for char in text]
    assert found.units == sum(sizes)
    if found.units <= WHOLE[found.alphabet]:
        assert found.count == (1 if text else 0)
        return
    parts, room = 1, PART[found.alphabet]
    for size in sizes:
        if room < size:
            parts, room = parts + 1, PART[found.alphabet]
        room -= size
    assert (found.count, found.room) == (parts, room)


def test_what_fits_is_known_before_typing():
    able = connector("gateway").capabilities_for_account()
    assert (able.max_length, able.max_segments, able.adds) == (67 * 4 - 6, 4, "【回音银行】")
    single = connector("gateway", max_segments=1).capabilities_for_account()
    assert single.max_length == 70 - 6
    latin = connector("gateway", signature="", gsm=True, max_segments=1).capabilities_for_account()
    assert latin.max_length == 160
    assert connector("aliyun").capabilities_for_account().templates == (accounts.CODE, accounts.NOTICE)


def test_the_signature_stands_once_and_is_counted():
    wording = Wording(signature="【回音银行】", max_segments=1)
    assert worded(message("您好" * 32), wording) == "【回音银行】" + "您好" * 32
    with pytest.raises(PermanentFailure, match="parts"):
        worded(message("您好" * 32 + "。"), wording)


def test_a_suffix_comes_by_rule_and_never_costs_a_part():
    wording = Wording(
        suffixes=read_suffixes("reply:zh-hans | 感谢您。\nreply:en | Thank you.\nmarketing | 拒收请回复R")
    )
    assert worded(message("好", language="zh-hans"), wording) == "好感谢您。"
    assert worded(message("Done.", language="en"), wording) == "Done.Thank you."
    assert worded(message("好" * 68, language="zh-hans"), wording) == "好" * 68
    advert = message("好" * 68, send_class=SendClass.MARKETING)
    assert worded(advert, wording).endswith("拒收请回复R")
    assert worded(message("好", send_class=SendClass.SECURITY_CODE), wording) == "好"


def test_of_two_suffixes_each_has_its_turn_and_a_message_keeps_its_own():
    wording = Wording(suffixes=(Suffix("reply", "", "甲"), Suffix("reply", "", "乙")))
    ends = [worded(message("好", key=f"key-{n}"), wording)[-1] for n in range(40)]
    assert set(ends) == {"甲", "乙"}
    assert ends == [worded(message("好", key=f"key-{n}"), wording)[-1] for n in range(40)]


@pytest.mark.parametrize("line", ["reply 感谢", "nobody | 感谢", "reply | 见evil.com", "reply |"])
def test_suffixes_that_cannot_be_used_are_refused(line):
    with pytest.raises(ValueError, match=r"\S"):
        read_suffixes(line)


def test_a_template_is_recognised_with_its_values():
    assert filled(accounts.CODE, "您的验证码为830912，5分钟内有效，请勿告知他人。") == {
        "code": "830912",
        "minutes": "5",
    }
    assert filled(accounts.CODE, "您的验证码为830912，5分钟内有效。") is None
    assert filled(accounts.CODE, "您的验证码为，5分钟内有效，请勿告知他人。") is None
    assert filled("共${n}件，${n}件已办", "共3件，3件已办") == {"n": "3"}
    assert filled("共${n}件，${n}件已办", "共3件，2件已办") is None
    assert filled("已受理。", " 已受理。\n") == {}
    assert filled("第${a}行 末", "第一行\n末") == {"a": "一"}
    assert chosen([accounts.NOTICE, accounts.CODE], "别的话") is None
    assert side_by_side("${a}${b}")


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.strip() == text and "分" not in text and text.split()))
def test_what_was_put_into_a_template_comes_out_again(value):
    value = " ".join(value.split())
    assert filled("码${code}分", f"码{value}分") == {"code": value}


@pytest.mark.parametrize("line", ["SMS_1", "SMS_1 | ${a}${b}", "SMS_1 | 见evil.com", " | 您好"])
def test_templates_that_cannot_be_used_are_refused(line):
    with pytest.raises(ValueError, match=r"\S"):
        read_templates(line)
    form = AliyunConfigForm(data={**accounts.ALIYUN, **accounts.ALIYUN_SECRETS, "templates": line})
    assert "templates" in form.errors


def test_tencent_gets_its_values_in_order():
    handed = connector("tencent").prepared(message(), "+8613800138001", "key-1")
    assert (handed["TemplateId"], handed["TemplateParamSet"]) == ("1001", ["830912", "5"])


def test_a_text_nobody_approved_does_not_go():
    for kind in ("aliyun", "tencent"):
        assert connector(kind).send(message("您好"), "key-1").code == "no_template"


@pytest.mark.parametrize("text", ["TD", "td", "ｔｄ", " T。", "退订", "退 订", "0000", "R", "回T退订", "STOP!"])
def test_words_that_mean_no_more(text):
    assert wants_out(text)


@pytest.mark.parametrize("text", ["", "我要退订手机银行", "T恤", "00", "请不要退订", "谢谢", "1", "TDX"])
def test_words_that_mean_something_else(text):
    assert not wants_out(text)


@pytest.mark.parametrize(
    ("value", "country", "expected"),
    [
        ("13800138000", "", "+8613800138000"),
        ("8613800138000", "", "+8613800138000"),
        ("+852 5123 4567", "", "+85251234567"),
        ("51234567", "852", "+85251234567"),
        ("0085251234567", "", "+85251234567"),
        ("95599", "", "95599"),
        (None, "", ""),
    ],
)
def test_numbers_get_their_country(value, country, expected):
    assert international(value, country) == expected


def test_chinese_numbers_are_written_the_short_way_where_wanted():
    assert (national("+8613800138000"), national("+85251234567")) == ("13800138000", "85251234567")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"signature": "见evil.com"}, "signature"),
        ({"url": "gateway.example"}, "url"),
        ({"body": "{"}, "body"),
        ({"body_kind": "form", "body": "nothing"}, "body"),
        ({"headers": "X-Sign"}, "headers"),
        ({"sign_over": ""}, "sign_over"),
        ({"body": '{"s": "{sign}"}'}, "sign_over"),
        ({"suffixes": "x"}, "suffixes"),
    ],
)
def test_a_gateway_that_cannot_work_is_told_beside_its_field(change, field):
    data = {**accounts.GATEWAY, **accounts.GATEWAY_SECRETS}
    assert GatewayConfigForm(data=data).is_valid()
    assert field in GatewayConfigForm(data={**data, **change}).errors
