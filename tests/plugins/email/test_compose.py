"""Our own mails, read back by a parser that is not ours."""

from __future__ import annotations

import email
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.plugin_api.channels import Address, OutboundAttachment, Participant, ParticipantRole, SendClass
from console.plugin_api.errors import PermanentFailure
from plugins.email.outbound.compose import Desk, compose
from plugins.email.outbound.ids import key_of, message_id

from .helpers import NOW, OWN, message, outbound

DESK = Desk(address=OWN, name="某某银行客服中心")


def built(desk: Desk = DESK, **more):
    return compose(outbound(**more), desk, NOW)


def foreign(desk: Desk = DESK, **more):
    """The mail as the standard library understands it."""
    return email.message_from_bytes(built(desk, **more).data, policy=default)


def test_text_html_files_and_pictures():
    files = (
        OutboundAttachment(name="处理 结果.pdf", content_type="application/pdf", content=b"%PDF" * 100),
        OutboundAttachment(name="logo.png", content_type="image/png", content=b"PNG", content_id="logo", inline=True),
    )
    found = foreign(text="您好\n再见", html='<p>您好</p><img src="cid:logo">', attachments=files)
    assert [part.get_content_type() for part in found.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert found.get_body(("plain",)).get_content().splitlines() == ["您好", "再见"]
    assert "<p>您好</p>" in found.get_body(("html",)).get_content()
    attached = next(found.iter_attachments())
    assert (attached.get_filename(), attached.get_content()) == ("处理 结果.pdf", b"%PDF" * 100)
    assert found.defects == []


def test_fields_of_an_answer():
    found = foreign(
        in_reply_to="m2@x.test", references=("m0@x.test", "m1@x.test"), thread_token="t42.abcd", language="zh-hans"
    )
    assert found["From"] == "某某银行客服中心 <service@bank.test>"
    assert found["To"] == "张三 <customer@bank.test>"
    assert found["Reply-To"] == "某某银行客服中心 <service+t42.abcd@bank.test>"
    assert found["Subject"] == "您的来信"
    assert found["In-Reply-To"] == "<m2@x.test>"
    assert found["References"] == "<m0@x.test> <m1@x.test> <m2@x.test>"
    assert found["Message-ID"] == "<hy.k1@bank.test>"
    assert found["Content-Language"] == "zh-hans"
    assert not [name for name in found if name.lower().startswith(("list-", "precedence", "auto-"))]


def test_the_same_message_is_the_same_mail():
    assert built(html="<p>x</p>") == built(html="<p>x</p>")
    assert built(key="k1").message_id != built(key="k2").message_id


def test_blind_copies_stand_in_no_field():
    people = (
        Participant(ParticipantRole.TO, Address("a@x.test")),
        Participant(ParticipantRole.CC, Address("b@x.test")),
        Participant(ParticipantRole.BCC, Address("c@x.test")),
        Participant(ParticipantRole.FROM, Address("d@x.test")),
    )
    found = built(recipients=people)
    assert found.recipients == ("a@x.test", "b@x.test", "c@x.test")
    assert b"c@x.test" not in found.data
    assert b"Cc: b@x.test" in found.data


@pytest.mark.parametrize(
    ("meta", "word", "sender"),
    [
        ({"automatic": "auto-replied"}, "auto-replied", ""),
        ({"automatic": "auto-generated"}, "auto-generated", OWN),
        ({"automatic": True}, "auto-generated", OWN),
        ({"automatic": True, "purpose": "notice.acknowledgement"}, "auto-replied", ""),
        ({"automatic": True, "purpose": "notice.decision"}, "auto-generated", OWN),
        ({"automatic": False, "purpose": "notice.acknowledgement"}, None, OWN),
        ({}, None, OWN),
    ],
)
def test_automatic_mails_say_so(meta, word, sender):
    made = built(meta=meta, send_class=SendClass.SERVICE)
    found = email.message_from_bytes(made.data, policy=default)
    assert found["Auto-Submitted"] == word
    assert made.envelope_from == sender
    assert found["X-Huiyin-Loop"]


def test_our_own_mail_coming_back_is_a_loop():
    assert message(built().data).automatic == "loop"


def test_a_tag_in_the_subject_where_plus_is_unknown():
    desk = Desk(address=OWN, thread_by="subject")
    assert foreign(desk, thread_token="t42.abcd")["Subject"] == "您的来信 [#T42]"
    assert foreign(desk, thread_token="t42.abcd", subject="Re: x [#t42]")["Subject"] == "Re: x [#t42]"
    assert foreign(desk, thread_token="t42.abcd")["Reply-To"] is None


def test_own_return_address():
    assert built(Desk(address=OWN, verp=True)).envelope_from == "service+b.k1@bank.test"


def test_addresses_in_chinese_domains():
    made = built(to="zhang@例子.中国")
    assert made.recipients == ("zhang@xn--fsqu00a.xn--fiqs8s",)
    assert not made.needs_utf8
    assert built(to="张三@例子.中国").needs_utf8


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@",
        "@b",
        "a b@c.test",
        "a@b\r\nBcc: x@y.test",
        "a@b.test>, <c@d.test",
        "a..b@c.test",
        'a"@c.test',
        "a@b c.test",
    ],
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(PermanentFailure) as refused:
        built(to=address)
    assert refused.value.code == "bad_address"


def test_nobody_to_write_to():
    with pytest.raises(PermanentFailure) as refused:
        built(recipients=())
    assert refused.value.code == "no_recipient"


NASTY = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from('\r\n\0:<>"=?,; ')), max_size=80)


@given(
    name=NASTY, subject=NASTY, token=NASTY, reply=NASTY, language=NASTY, key=NASTY.filter(bool), text=NASTY, loop=NASTY
)
def test_nothing_can_be_injected(name, subject, token, reply, language, key, text, loop):
    """Whatever stands in a value, the header holds our fields and no other, and the text stays whole."""
    people = (Participant(ParticipantRole.TO, Address("a@x.test", name)),)
    desk = Desk(address=OWN, name=name, thread_by="both", loop_mark=loop)
    made = compose(
        outbound(
            key=key,
            recipients=people,
            subject=subject,
            thread_token=token,
            in_reply_to=reply,
            references=(reply,),
            language=language,
            text=text,
        ),
        desk,
        NOW,
    )
    head, _, _ = made.data.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert set(names) <= {
        b"From",
        b"To",
        b"Reply-To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"In-Reply-To",
        b"References",
        b"X-Huiyin-Loop",
        b"Content-Language",
        b"MIME-Version",
        b"Content-Type",
        b"Content-Transfer-Encoding",
    }
    assert made.recipients == ("a@x.test",)
    assert all(len(line) <= 998 for line in made.data.split(b"\r\n"))
    assert b"\0" not in made.data


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Co")), max_size=200))
def test_a_subject_comes_back_as_it_was(subject: str):
    assert message(built(subject=subject).data).subject == subject
    assert str(foreign(subject=subject)["Subject"] or "") == subject


def test_names_of_our_mails():
    assert key_of(message_id("018f-key_9", "bank.test")) == "018f-key_9"
    assert key_of("hy.k1@bank.test") == "k1"
    assert key_of("someone@else.test") == ""
    assert message_id("a key with spaces", "b.test") == message_id("a key with spaces", "b.test")
