"""No link leaves in a text message: disguises of a known address never pass, and the bank's ordinary words do."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.plugin_api.links import find_links

NAMES = ["evil.com", "bank-cn.cn", "t.cn", "a1.top", "icbc.com.cn", "dwz.vip", "pay.xyz"]
DOTS = [
    ".", "．", "。", "｡", "․", "‧", "・", "·", "点", "點", "[.]", "(dot)", " dot ", "【点】", "{.}",
    "小数点", " . ", "…", "\u200b.\u2060", "\u06d4", "-.-",
]  # fmt: skip
INVISIBLE = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\ufe0f"]
TWINS = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "x": "х", "y": "у", "t": "т", "n": "п", "k": "κ"}


def fullwidth(char: str) -> str:
    return chr(ord(char) + 0xFEE0)


def circled(char: str) -> str:
    return chr(0x24D0 + ord(char) - ord("a")) if char.isalpha() else char


def badged(char: str) -> str:
    return chr(0x1F150 + ord(char) - ord("a")) if char.isalpha() else char


def bold(char: str) -> str:
    return chr(0x1D41A + ord(char) - ord("a")) if char.isalpha() else char


def accented(char: str) -> str:
    return f"{char}\u0301"


DISGUISES = [str, str.upper, fullwidth, circled, badged, bold, accented, lambda char: TWINS.get(char, char)]


@st.composite
def disguised(draw) -> str:
    """A known address, each letter and each dot dressed up on its own, amid Chinese words."""
    name = draw(st.sampled_from(NAMES))
    dressed = []
    for char in name:
        if char == ".":
            dressed.append(draw(st.sampled_from(DOTS)))
        else:
            dressed.append(draw(st.sampled_from(DISGUISES))(char))
            dressed.append(draw(st.sampled_from(["", "", "", *INVISIBLE])))
    before = draw(st.sampled_from(["", "请点击", "详情见 ", "网址：", "【回音银行】登录"]))
    after = draw(st.sampled_from(["", "查询", " 领取", "/a1", "，谢谢"]))
    return before + "".join(dressed) + after


@settings(max_examples=400, deadline=None)
@given(disguised())
def test_a_disguised_address_never_passes(text):
    assert find_links(text)


@pytest.mark.parametrize(
    "text",
    [
        "e v i l . c o m",
        "h t t p s : / / e v i l",
        "h**p://evil.com",
        "http:⁄⁄evil.com",
        "xn--80ak6aa92e.com",
        "1.2.3.4",
        "１．２．３．４",
        "1。2。3。4",
        "1 . 2 . 3 . 4",
        "http://2130706433/",
        "http://[::1]/",
        "evil,com",
        "evildotcom",
        "evil d0t com",
        "evil.c0m",
        "我们的网站.中国欢迎您",
        "evil.рф",
        "evil.icbc",
    ],
)
def test_other_ways_around_are_closed(text):
    assert find_links(text)


def test_every_address_of_a_run_of_words_is_found():
    assert [link.host for link in find_links("见bank.com请看evil.cn或x.bank.com.evil.vip/a?b")] == [
        "bank.com",
        "evil.cn",
        "x.bank.com.evil.vip",
    ]


ORDINARY = [
    "利率为3.5%，折合年化3.85%。",
    "金额1,234.56元，余额10,000.00元。",
    "请于2026.11.24前或11.24-12.1之间办理。",
    "版本V2.0.1已发布，V3.0将于12月上线。",
    "1.手机号 2.身份证 3.公司名称 4.银行卡",
    "A.本人办理B.代办",
    "请于9点到17点到网点，8点公司见。",
    "上浮10点，跌了2.5点，共3.5个点。",
    "尊敬的张先生，您尾号1234的卡于11月24日10:30消费100.00元。",
    "见合同第1.2.3.4条。",
    "24小时内回复T退订。",
    "汇率7.1234，USD.CNY 7.12",
    "10:30 a.m. to 5:00 p.m., e.g. today.",
    "Co.,Ltd. Mr. Li, case HY-2026-004217 is closed. Thanks.",
    "A B C D 四个等级，选 B。",
    "如有疑问请拨打95588。",
    "谢谢.手机银行可查询进度",
    "客服时间：工作日9:00-17:30；其他时间请留言。",
    "结果：同意/不同意，请回复1/2。",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_pass(text):
    assert find_links(text) == []


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0, 1e7, allow_nan=False).map(lambda value: f"{value:,.2f}"),
    st.dates().map(lambda day: day.strftime("%m.%d")),
    st.sampled_from(["元", "%", "美元", "万元", "个点"]),
    st.sampled_from(["。", "，", "；", ".", " "]),
)
def test_amounts_rates_and_dates_pass(number, day, unit, mark):
    assert find_links(f"您于{day}的金额{number}{unit}{mark}请核对{mark}") == []


@pytest.mark.parametrize(
    "piece", ["a.", "a.com请", "h ", "点", "1.", ". ", "a点", "[.]", "@a", "://", "evil,", "-.", "。1"]
)
def test_long_nonsense_is_read_quickly(piece):
    begun = time.perf_counter()
    find_links(piece * 4000)
    assert time.perf_counter() - begun < 2
