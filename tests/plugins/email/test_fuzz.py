"""Whatever comes, reading it ends, gives something storable, and raises nothing."""

from __future__ import annotations

import json
import time

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from console.plugin_api.channels import ChannelNotice, DeliveryReceipt, EnvelopeView, InboundMessage
from plugins.email.content.render import html_to_text
from plugins.email.inbound.read import Mailroom, read_mail
from plugins.email.inbound.times import read_date
from plugins.email.mime.addresses import normal_address, read_addresses
from plugins.email.mime.charsets import decode
from plugins.email.mime.params import read_field
from plugins.email.mime.structure import Budget, read_tree
from plugins.email.mime.tnef import open_tnef
from plugins.email.mime.words import decode_words

from .bounce_corpus import FORMS, fill
from .helpers import OWN
from .odd_mails import odd_mails

SEEDS = [odd.raw for odd in odd_mails() if len(odd.raw) < 5000] + [
    fill(form, "550 5.1.1 no such user") for form in FORMS.values()
]
PIECES = [
    b"\r\n",
    b"\n\n",
    b"--b1",
    b"--b1--",
    b"\0",
    b"\xff\xfe",
    b"=?gbk?B?",
    b"?=",
    b"Content-Type: multipart/mixed; boundary=b1\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b'"',
    b"<",
    b">",
    b"(",
    b";",
    b"charset=utf-7",
    b"begin 644 x\n",
    b"> ",
]


def read_all(raw: bytes) -> list:
    found = read_mail(EnvelopeView(raw=raw), Mailroom(own=[OWN]))
    assert found
    for one in found:
        assert isinstance(one, InboundMessage | DeliveryReceipt | ChannelNotice)
        if isinstance(one, InboundMessage):
            json.dumps(dict(one.meta), ensure_ascii=False).encode("utf-8")
            assert one.provider_message_id
            assert one.sender.value
            assert one.text.strip()
            for text in (one.text, one.html, one.subject, one.sender.name, one.quoted_text, *one.thread.references):
                assert "\0" not in text.encode("utf-8").decode()
    return found


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real mail with bytes cut out, doubled, replaced or put in."""
    raw = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        upto = min(len(raw), at + draw(st.integers(0, 60)))
        put = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12), st.just(raw[at:upto] * 2), st.just(b"")))
        raw = raw[:at] + put + raw[upto:]
    return raw


@given(st.binary(max_size=3000))
@example(b"")
@example(b"\0" * 100)
@example(b":" * 100)
@example(b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n")
def test_random_bytes(raw: bytes):
    read_all(raw)


@given(mutated())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_real_mails_gone_wrong(raw: bytes):
    assert read_all(raw) == read_all(raw)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_the_grammar_thrown_about(pieces: list[bytes]):
    read_all(b"".join(pieces))


@given(
    st.binary(max_size=400),
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["gb2312", "utf-7", "utf-16", "hz", "iso-2022-jp", "big5", "idna", "zlib", "x", "unicode_escape"]
        ),
    ),
)
def test_any_bytes_under_any_label(data: bytes, label: str):
    text = decode(data, label).text
    text.encode("utf-8")
    assert "\0" not in text


@given(st.binary(max_size=300))
def test_small_readers_never_raise(data: bytes):
    decode_words(data).encode("utf-8")
    for box in read_addresses([data]):
        assert normal_address(box.address) == box.address
    read_field(data)
    open_tnef(b"\x78\x9f\x3e\x22" + data)
    read_date(data.decode("latin-1"))


@given(st.text(max_size=300))
def test_html_of_any_kind(text: str):
    html_to_text(text).encode("utf-8", "surrogatepass")


def timed(raw: bytes, seconds: float) -> list:
    started = time.process_time()
    found = read_all(raw)
    assert time.process_time() - started < seconds
    return found


def test_bombs_are_bounded_in_time():
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    timed(nested, 3)
    timed(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000, 3)
    timed(b"Content-Type: message/rfc822\r\n\r\n" * 5000, 3)
    timed(b"To: " + b"(" * 100_000 + b"\r\n\r\nx", 3)
    timed(b"Subject: " + b"=?utf-8?B?" * 20_000 + b"\r\n\r\nx", 3)
    timed(b"Content-Type: text/plain; " + b"a*0*=x; " * 20_000 + b"\r\n\r\nx", 3)
    timed(b"References: " + b"<a@b> " * 50_000 + b"\r\n\r\nx", 3)
    timed(b"X: y\r\n" * 100_000 + b"\r\nx", 3)
    timed(b"garbage line\r\n" * 20_000, 3)
    timed(b"From: a@b.test\r\n" + b"no colon here\r\n" * 20_000 + b"Subject: x\r\n\r\nx", 5)


def test_html_bombs_are_bounded_in_time():
    head = b"From: a@b.test\r\nContent-Type: text/html\r\n\r\n"
    timed(head + b"<div>" * 100_000 + b"deep", 10)
    timed(head + b"<table><tr><td>" * 20_000, 10)
    timed(head + b"<a href=x>" * 50_000, 10)
    timed(head + b"&" * 500_000, 10)
    timed(head + b"<" * 500_000, 10)


def test_texts_made_to_be_slow():
    head = b"From: MAILER-DAEMON@b.test\r\nSubject: failure notice\r\n\r\n"
    for line in (
        b"a@" * 50_000,
        b"> " * 100_000,
        b"On " + b"x" * 100_000 + b" wrote",
        b"- " * 100_000,
        b"<a@b.c " * 30_000,
        b"user unknown " * 20_000,
        "写道".encode() * 30_000,
        b"1" * 200_000,
    ):
        timed(head + line, 8)
        timed(head + line.replace(b" ", b"\n"), 8)


def test_many_parts_are_noted():
    raw = b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1000 + b"--b--"
    budget = Budget()
    assert len(read_tree(raw, budget).walk()) <= budget.limits.parts + 1
    assert "too_many_parts" in budget.notes
