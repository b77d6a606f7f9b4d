"""A file into articles and back, as the command does it."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from cms import search, services
from cms.models import ArticlePage, ColumnPage
from console.events.models import Event

pytestmark = pytest.mark.django_db
HEAD = ["external_id", "column", "title", "body", "question_variants", "short_answer", "keywords", "language"]
ROWS = [
    ["k1", "银行卡", "怎么还款", "第一步。\n\n第二步。", "怎么还钱|咋还", "手机银行里还。", "还款", "zh-hans"],
    ["k1", "Cards", "How to repay", "Step one.", "pay it back", "In the app.", "repay", "en"],
    ["", "银行卡/安全", "卡丢了", "<h2>先挂失</h2><p>打电话。</p>", "", "", "", ""],
]


@pytest.fixture(autouse=True)
def site(db):
    return services.lay_site()


@pytest.fixture
def file(tmp_path):
    def written(rows, name="k.csv"):
        out = io.StringIO()
        csv.writer(out).writerows([HEAD, *rows])
        path = tmp_path / name
        path.write_text(out.getvalue(), encoding="utf-8")
        return str(path)

    return written


def run(*args, **options) -> str:
    out = io.StringIO()
    call_command("articles", *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_rows_become_live_articles_and_translations(file):
    assert "3 created, 0 updated, 0 unchanged, 0 refused" in run("import", file(ROWS), publish=True)
    repay = ArticlePage.objects.get(title="怎么还款")
    assert repay.get_translations().get().title == "How to repay"
    assert repay.get_parent().specific.get_translations().get().title == "Cards"
    assert (repay.wordings, repay.live, repay.live_revision_id) == (
        ["怎么还钱", "咋还"],
        True,
        repay.latest_revision_id,
    )
    lost = ArticlePage.objects.get(title="卡丢了")
    assert (lost.short_answer, [block.block_type for block in lost.body]) == ("打电话。", ["heading", "text"])
    assert lost.get_parent().get_parent().title == "银行卡"
    assert next(hit.article for hit in search.find("咋还", "zh-hans")) == repay
    assert Event.objects.get(type="knowledge.imported").data["created"] == 3


def test_the_same_file_twice_is_once(file, client):
    run("import", file(ROWS), publish=True)
    revisions = ArticlePage.objects.get(title="怎么还款").revisions.count()
    assert "0 created, 0 updated, 3 unchanged" in run("import", file(ROWS), publish=True)
    assert ArticlePage.objects.get(title="怎么还款").revisions.count() == revisions
    assert client.get(ArticlePage.objects.get(title="怎么还款").url).status_code == 200


def test_a_changed_row_is_a_new_version_in_the_same_place(file):
    run("import", file(ROWS), publish=True)
    before = ArticlePage.objects.get(title="怎么还款")
    run("import", file([["k1", "银行卡", "怎样还信用卡", "新的正文。", "", "", "", "zh"]]), publish=True)
    after = ArticlePage.objects.get(pk=before.pk)
    assert (after.title, after.slug, after.short_answer) == ("怎样还信用卡", before.slug, "手机银行里还。")
    assert "新的正文" in after.plain_body()
    assert after.live_revision_id != before.live_revision_id
    assert next(hit.article.pk for hit in search.find("怎样还信用卡", "zh-hans")) == before.pk


def test_another_column_moves_the_article(file):
    run("import", file(ROWS[:1]), publish=True)
    run("import", file([["k1", "账户", *ROWS[0][2:]]]), publish=True)
    assert ArticlePage.objects.get(title="怎么还款").get_parent().title == "账户"


def test_without_publish_it_waits_for_an_editor(file):
    run("import", file(ROWS[:1]))
    draft = ArticlePage.objects.get()
    assert not draft.live
    assert search.find("怎么还款", "zh-hans") == []
    run("import", file(ROWS[:1]), publish=True)
    assert ArticlePage.objects.get().live
    run("import", file([["k1", "银行卡", "改了题目", *ROWS[0][3:]]]))
    kept = ArticlePage.objects.get()
    assert (kept.title, kept.get_latest_revision_as_object().title) == ("怎么还款", "改了题目")


def test_refused_lines_say_why_and_the_others_stand(file):
    bad = [["k2", "", "没有栏目", "正文", "", "", "", ""], ["k3", "卡", "", "正文", "", "", "", ""]]
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 lines"):
        call_command("articles", "import", file([*bad, *ROWS]), publish=True, stdout=out, stderr=out)
    assert "line 2: " in out.getvalue()
    assert "line 3: " in out.getvalue()
    assert ArticlePage.objects.count() == 3
    assert not ColumnPage.objects.filter(title="卡").exists()


def test_a_file_that_is_none_is_told(tmp_path):
    with pytest.raises(CommandError):
        run("import", str(tmp_path / "none.csv"))


def test_what_is_exported_comes_in_again_unchanged(file, tmp_path):
    run("import", file(ROWS), publish=True)
    column = ColumnPage.objects.get(title="银行卡")
    column.add_child(
        instance=ArticlePage(
            title="步骤",
            slug="steps",
            short_answer="两步。",
            locale=column.locale,
            body=[("steps", {"title": "怎么做", "steps": [{"text": "<p>打开。</p>"}, {"text": "<p>确认。</p>"}]})],
        )
    )
    path = str(tmp_path / "out.csv")
    run("export", path)
    assert "0 created, 0 updated, 4 unchanged, 0 refused" in run("import", path)
    assert any("打开" in row["body"] for row in table(path))
    for page in ArticlePage.objects.all():
        page.delete()
    assert "4 created" in run("import", path, publish=True)
    again = str(tmp_path / "again.csv")
    run("export", again)
    by_key = [sorted((r["title"], r["column"], r["question_variants"]) for r in table(p)) for p in (path, again)]
    assert by_key[0] == by_key[1]


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
