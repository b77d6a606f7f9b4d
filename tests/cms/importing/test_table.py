"""A file as rows, or a reason for each line that is none."""

import csv
import io

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.importing import Refused, Row, TableRefused, read
from cms.importing.body import blocks_of, short_of

HEAD = "external_id,column,title,body,question_variants,short_answer,keywords,language\n"


def rows(text: str, encoding="utf-8"):
    return list(read((HEAD + text).encode(encoding)))


def reasons(text: str) -> list[tuple[int, str]]:
    return [(item[0], str(item[1])) for item in rows(text) if isinstance(item, tuple)]


def test_a_line_is_a_row():
    (row,) = rows("k1,卡,怎么还款,正文,怎么还钱|咋还款| ,短,还款,zh\n")
    assert row == Row(2, "怎么还款", "正文", "zh-hans", "k1", "卡", "短", "怎么还钱\n咋还款", "还款")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_spreadsheets_of_any_make(encoding):
    (row,) = read((HEAD + "k1,卡,怎么还款,正文,,,,zh-hans\n").encode(encoding))
    assert row.title == "怎么还款"


def test_columns_that_are_not_there_say_nothing():
    (row,) = read("Title,Body,column\n还款,正文,卡\n".encode())
    assert (row.keywords, row.short_answer, row.question_variants, row.external_id) == (None, None, None, "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("k,卡,,正文,,,,zh", "title is empty"),
        ("k,卡,题,,,,,zh", "both empty"),
        ("k,卡,题,正文,,,,fr", "fr"),
        (f"k,卡,{'长' * 256},正文,,,,zh", "255"),
        ("k,卡,题,正文,,,,zh,多", "cells"),
    ],
)
def test_each_line_is_refused_with_its_reason(line, reason):
    with translation.override("en"):
        ((number, said),) = reasons(f"{line}\n")
    assert number == 2
    assert reason in said


def test_one_bad_line_leaves_the_others():
    found = rows("a,卡,一,正文,,,,zh\na,卡,二,正文,,,,zh\nb,卡,三,正文,,,,zh\n")
    assert [type(item) for item in found] == [Row, tuple, Row]
    assert "2" in str(found[1][1])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xff\xff"])
def test_what_is_no_table_is_refused_as_a_whole(content):
    with pytest.raises(TableRefused):
        list(read(content))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), max_size=5))
def test_any_cells_are_rows_or_refusals(lines):
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.strip().split(","), *lines])
    for item in read(out.getvalue().encode("utf-8", "ignore")):
        assert isinstance(item, Row) or isinstance(item[1], Refused)


def test_text_becomes_paragraphs_and_html_loses_what_is_no_part_of_it():
    assert blocks_of("一\n二\n\n三 < 四") == [("text", "<p>一<br>二</p><p>三 &lt; 四</p>")]
    html = '<h2>怎么 &amp; 办</h2><p onclick="x()">一</p><script>y()</script><ol><li>二</li></ol>'
    assert blocks_of(html) == [("heading", "怎么 & 办"), ("text", "<p>一</p><ol><li>二</li></ol>")]


@given(st.text(max_size=200))
def test_blocks_of_blocks_are_the_same(text):
    def again(blocks):
        return "".join(f"<h2>{v}</h2>" if kind == "heading" else v for kind, v in blocks)

    once = [block for block in blocks_of(f"<p>{text}</p>") if block[0] == "text"]
    assert blocks_of(again(once)) == once


def test_a_short_answer_is_the_first_sentences():
    assert short_of(blocks_of("打开手机银行即可。立即生效！不收费。")) == "打开手机银行即可。立即生效！"
    assert short_of([]) == ""
