"""What was written now, and what is only quoted: as the clients in use write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.email.content.quotes import split_reply
from plugins.email.content.signature import split_signature

from .helpers import mail, message, multipart, part

ANSWER = "谢谢，问题还没有解决。\n请再查一下。"
OLD = "尊敬的客户，您的来信收到。"

TEXTS = {
    "qq mail": "------------------ 原始邮件 ------------------\n发件人: \"客服\" <service@bank.test>;\n发送时间: 2026年11月20日(星期五) 下午3:20\n收件人: \"张三\"<z@qq.com>;\n主题: Re: 投诉\n\n",
    "qq mail new": "---原始邮件---\n发件人: \"客服\"<service@bank.test>\n发送时间: 2026年11月20日(周五) 下午3:20\n收件人: \"张三\"<z@qq.com>;\n主题: Re: 投诉\n\n",
    "foxmail": "\n\n张三\n\n发件人： 客服\n发送时间： 2026-11-20 15:20\n收件人： z@foxmail.com\n主题： Re: 投诉\n",
    "163 new": "---- 回复的原邮件 ----\n| 发件人 | 客服<service@bank.test> |\n| 发送日期 | 2026年11月20日 15:20 |\n| 收件人 | z@163.com |\n| 主题 | Re: 投诉 |\n",
    "163 old": "在 2026-11-20 15:20:11，\"客服\" <service@bank.test> 写道：\n",
    "163 english": "At 2026-11-20 15:20:11, \"Service\" <service@bank.test> wrote:\n",
    "outlook zh": "________________________________\n发件人: 客服 <service@bank.test>\n发送时间: 2026年11月20日 15:20\n收件人: 张三 <z@x.test>\n主题: 答复: 投诉\n\n",
    "outlook en": "-----Original Message-----\nFrom: Service <service@bank.test>\nSent: Friday, November 20, 2026 3:20 PM\nTo: Zhang\nSubject: RE: complaint\n\n",
    "outlook bold": "*From:* Service <service@bank.test>\n*Sent:* Friday\n*To:* Zhang\n*Subject:* RE: x\n\n",
    "outlook traditional": "寄件者: 客服 <service@bank.test>\n寄件日期: 2026年11月20日\n收件者: 張三\n主旨: RE: x\n日期: x\n",
    "gmail zh": "客服 <service@bank.test> 于2026年11月20日周五 15:20写道：\n\n> ",
    "gmail tw": "客服 <service@bank.test> 於 2026年11月20日 週五 下午3:20寫道：\n\n> ",
    "gmail en": "On Fri, Nov 20, 2026 at 3:20 PM Service <service@bank.test> wrote:\n\n> ",
    "gmail en broken": "On Fri, Nov 20, 2026 at 3:20 PM Service of a bank with a long name\n<service@bank.test> wrote:\n\n> ",
    "apple zh": "> 在 2026年11月20日，下午3:20，客服 <service@bank.test> 写道：\n> \n> ",
    "apple en": "> On Nov 20, 2026, at 3:20 PM, Service <service@bank.test> wrote:\n> \n> ",
    "thunderbird": "在 2026/11/20 15:20, 客服 写道:\n> ",
    "only quoted lines": "> ",
    "german": "Am Fr., 20. Nov. 2026 um 15:20 Uhr schrieb Service <service@bank.test>:\n\n> ",
    "french": "Le ven. 20 nov. 2026 à 15:20, Service <service@bank.test> a écrit :\n\n> ",
    "our own line": "--- 请在此行上方回复 ---\n",
    "netease master": "---- Replied Message ----\n| From | Service<service@bank.test> |\n| Date | 11/20/2026 15:20 |\n| Subject | Re: x |\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_quotation_is_cut_off_and_kept(name: str):
    found = split_reply(f"{ANSWER}\n\n{TEXTS[name]}{OLD}\n", "Re: 投诉")
    assert found.text.replace("\n\n张三", "").strip() == ANSWER
    assert OLD in found.quoted


HTML = {
    "gmail": '<div dir="ltr">{answer}</div><br><div class="gmail_quote"><div class="gmail_attr">于2026年写道：</div><blockquote class="gmail_quote">{old}</blockquote></div>',
    "qq": '<div>{answer}</div><div><br></div><div class="qmbox"><div>------ 原始邮件 ------</div>{old}</div>',
    "outlook web": '<div>{answer}</div><hr><div id="divRplyFwdMsg"><b>发件人:</b> x<br><b>发送时间:</b> y</div><div>{old}</div>',
    "outlook desktop": '<p>{answer}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm"><p><b>From:</b> x<br><b>Sent:</b> y</p></div><p>{old}</p>',
    "apple": '{answer}<br><div><blockquote type="cite"><div>On Nov 20, 2026, x wrote:</div><div>{old}</div></blockquote></div>',
    "netease": '<div>{answer}</div><div id="isReplyContent"><p>在 2026-11-20 15:20:11，"x" 写道：</p><blockquote>{old}</blockquote></div>',
    "yahoo": '<div>{answer}</div><div class="yahoo_quoted"><div>On Friday</div>{old}</div>',
    "plain words in html": "<div>{answer}</div><div>-----原始邮件-----</div><div>{old}</div>",
}


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
    "line", ["发自我的iPhone", "Sent from my iPhone", "发自网易邮箱大师", "Get Outlook for iOS", "发送自 Windows 10 版邮件应用", "来自QQ邮箱手机版", "-- \n张三\n138 0000 0000"]
)
def test_a_sign_off_is_put_aside_and_kept(line: str):
    found = message(mail(f"{ANSWER}\n\n{line}"))
    assert found.text == ANSWER
    assert found.quoted_text == line
    assert found.meta["signature"] == line


def test_a_text_is_never_only_a_sign_off():
    assert split_signature("发自我的iPhone").text == "发自我的iPhone"


def test_text_and_html_agree_on_what_was_written():
    raw = multipart("alternative", part(f"{ANSWER}\n\n{TEXTS['gmail zh']}{OLD}"), part(f"<p>{ANSWER}</p>", "text/html; charset=utf-8"))
    assert message(raw).text == ANSWER
