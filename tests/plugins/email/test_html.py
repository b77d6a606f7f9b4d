"""HTML an agent may look at: nothing runs, nothing is fetched, nothing readable is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.email.content.clean import clean_html
from plugins.email.content.names import safe_name
from plugins.email.content.render import html_to_text

from .helpers import codes, mail, message, multipart, part

EVIL = Path(__file__).with_name("evil.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("html", EVIL)
def test_nothing_runs_and_nothing_is_fetched(html: str):
    found = clean_html(html).html
    for word in (
        "<script",
        "onerror",
        "onload",
        "javascript:",
        "<iframe",
        "url(",
        "<link",
        "<form",
        "<input",
        "<meta",
        "expression",
        ' src="http',
        ' src="//',
        "srcset",
        "background=",
        "position",
        "blocked:http",
        "svg",
    ):
        assert word not in found


def test_remote_pictures_are_blocked_and_named():
    found = clean_html('<img src="https://track.test/p.gif?u=1" alt="logo"><img src="cid:a@b">')
    assert found.blocked == 1
    assert 'data-blocked-src="https://track.test/p.gif?u=1"' in found.html
    assert 'src="cid:a@b"' in found.html
    assert "remote_images_blocked" in codes(
        message(mail('<img src="https://x.test/a.png">hi', Content_Type="text/html"))
    )


def test_text_that_looks_like_a_blocked_picture_stays_text():
    assert clean_html('&lt;img src="blocked:x"').html == '&lt;img src="blocked:x"'


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing(html: str):
    once = clean_html(html).html
    assert clean_html(once).html == once


RENDERED = {
    "<p>a</p><p>b</p>": "a\n\nb",
    "a<br>b": "a\nb",
    "<ol start=3><li>x<li>y</ol>": "3. x\n4. y",
    "<ul><li>a<ul><li>b</ul></ul>": "- a\n  - b",
    "<table><tr><th>A<th>B<tr><td>1<td>2</table>": "A | B\n1 | 2",
    "<a href='https://x.test'>https://x.test</a>": "https://x.test",
    "<a href='https://x.test/y'>go</a>": "go (https://x.test/y)",
    "<a href='mailto:a@x.test'>write</a>": "write (a@x.test)",
    "<pre>a\n  b</pre>": "a\n  b",
    "a &amp; b &lt;c&gt;": "a & b <c>",
    "<img src=x alt='a picture'>": "[a picture]",
    "one<hr>two": "one\n--------\ntwo",
    "<b>您</b><i>好</i>": "您好",
    "<div>a</div>\n\n<div>b</div>": "a\nb",
    "<h1>T</h1>x": "T\n\nx",
    "a\u200b\xa0b": "a b",
}


@pytest.mark.parametrize("html", RENDERED)
def test_rendering(html: str):
    assert html_to_text(html) == RENDERED[html]


def test_a_table_with_paragraphs_keeps_its_rows():
    assert html_to_text("<table><tr><td><p>A</p></td><td><p>B</p></td></tr></table>") == "A | B"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\x00b\r\n.txt", "a_b_.txt"),
        ("合同\u202efdp.exe", "合同_fdp.exe"),
        ("", "attachment-1.pdf"),
        ("...", "attachment-1.pdf"),
    ],
)
def test_file_names(name: str, safe: str):
    assert safe_name(name, "application/pdf", 1) == safe


def test_long_names_keep_their_ending():
    found = safe_name("长" * 300 + ".pdf", "application/pdf", 1)
    assert len(found) <= 120
    assert found.endswith(".pdf")


def test_file_names_in_every_writing():
    for value in (
        "filename*=utf-8''%E5%90%88%E5%90%8C.pdf",
        "filename*0*=gbk''%BA%CF; filename*1*=%CD%AC.pdf",
        'filename="=?gbk?B?us/NrC5wZGY=?="',
        'filename="合同.pdf"',
        "filename=合同.pdf",
    ):
        raw = multipart(
            "mixed", part("x"), part(b"%PDF", "application/pdf", Content_Disposition=f"attachment; {value}")
        )
        assert [file.name for file in message(raw).attachments] == ["合同.pdf"]
