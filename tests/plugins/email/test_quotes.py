"""What was written now, and what is only quoted: as the clients in use write it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.email.content.quotes import split_reply
from plugins.email.content.signature import split_signature

from .helpers import mail, message, multipart, part

ANSWER = "谢谢，问题还没有解决。\n请再查一下。"
OLD = "尊敬的客户，您的来信收到。"

TABLE = tomllib.loads(Path(__file__).with_name("quoted_replies.toml").read_text("utf-8"))
TEXTS = {name: row["mark"] for name, row in TABLE["texts"].items()}
HTML = {name: row["raw"] for name, row in TABLE["html"].items()}


@pytest.mark.parametrize("name", TEXTS)
def test_the_quotation_is_cut_off_and_kept(name: str):
    found = split_reply(f"{ANSWER}\n\n{TEXTS[name]}{OLD}\n", "Re: 投诉")
    assert found.text.replace("\n\n张三", "").strip() == ANSWER
    assert OLD in found.quoted


@pytest.mark.parametrize("name", HTML)
def test_the_quotation_of_an_html_mail_is_cut_off(name: str):
    raw = HTML[name].format(answer="还没有解决。", old=OLD)
    found = message(mail(raw, Content_Type="text/html; charset=utf-8", Subject="Re: x"))
    assert found.text == "还没有解决。"
    assert OLD in found.quoted_text
    assert OLD in found.html


def test_answers_between_the_lines_stay_where_they_are():
    text = "> Was it charged twice?\nYes.\n> When?\nIn May.\n"
    assert split_reply(text).text == text.strip()


def test_an_answer_below_the_quotation():
    text = "On Fri, Nov 20, 2026 Service <service@bank.test> wrote:\n> hello\n> again\n\nMy answer is below."
    found = split_reply(text)
    assert found.text == "My answer is below."
    assert "> again" in found.quoted


@pytest.mark.parametrize("subject", ["Fwd: x", "转发: x", "FW: x", "转发：投诉"])
def test_a_forward_is_not_cut(subject: str):
    text = f"请看\n\n-----原始邮件-----\n发件人: a\n收件人: b\n主题: c\n\n{OLD}"
    assert OLD in split_reply(text, subject).text


def test_a_forwarded_message_line_is_not_cut():
    text = f"see\n---------- Forwarded message ---------\nFrom: a\nSent: b\nTo: c\nSubject: d\n\n{OLD}"
    assert OLD in split_reply(text, "x").text


def test_an_answer_of_nothing_shows_everything():
    found = split_reply(f"{TEXTS['outlook zh']}{OLD}")
    assert OLD in found.text
    assert found.quoted == ""


@pytest.mark.parametrize(
    "text",
    [
        "你们客服在3月5日说：\n年费可以免。\n现在又扣了。",
        "From: what I see, you charged twice.\nTo: be honest, I am angry.",
        "On Monday I wrote:\nnothing, in fact.",
        "发件人：不详\n我收到一封奇怪的短信。",
        "主题：投诉\n正文：请处理",
    ],
)
def test_a_complaint_is_not_a_quotation(text: str):
    assert split_reply(text).text == text


@given(st.text(max_size=400), st.text(max_size=400))
def test_no_word_is_lost(answer: str, old: str):
    text = f"{answer}\n-----原始邮件-----\n{old}"
    found = split_reply(text)
    kept = "".join(f"{found.text}{found.quoted}".split())
    assert kept == "".join(text.replace("\ue0f1", "").split()) or "\ue0f1" in text


@pytest.mark.parametrize(
    "line",
    [
        "发自我的iPhone",
        "Sent from my iPhone",
        "发自网易邮箱大师",
        "Get Outlook for iOS",
        "发送自 Windows 10 版邮件应用",
        "来自QQ邮箱手机版",
        "-- \n张三\n138 0000 0000",
    ],
)
def test_a_sign_off_is_put_aside_and_kept(line: str):
    found = message(mail(f"{ANSWER}\n\n{line}"))
    assert found.text == ANSWER
    assert found.quoted_text == line
    assert found.meta["signature"] == line


def test_a_text_is_never_only_a_sign_off():
    assert split_signature("发自我的iPhone").text == "发自我的iPhone"


def test_text_and_html_agree_on_what_was_written():
    raw = multipart(
        "alternative",
        part(f"{ANSWER}\n\n{TEXTS['gmail zh']}{OLD}"),
        part(f"<p>{ANSWER}</p>", "text/html; charset=utf-8"),
    )
    assert message(raw).text == ANSWER
