"""Published articles over the API."""

import pytest
from rest_framework.test import APIClient

from cms import services
from cms.models import ArticlePage, ColumnPage
from console.api.services import issue_token
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/articles/"


@pytest.fixture
def column(db):
    home = services.lay_site()
    return home.add_child(instance=ColumnPage(title="银行卡", slug="cards", locale=home.locale))


def article(column, slug, title, answer="请立即挂失。", live=True):
    page = column.add_child(
        instance=ArticlePage(title=title, slug=slug, short_answer=answer, locale=column.locale, live=live)
    )
    if live:
        page.save_revision().publish()
    return page


@pytest.fixture
def lost(column):
    return article(column, "lost", "银行卡丢了怎么挂失")


@pytest.fixture
def api(db):
    client = APIClient()
    client.force_authenticate(make_user("agent"))
    return client


def test_lists_and_shows_what_is_published(api, column, lost):
    article(column, "draft", "还没写完", live=False)
    (row,) = api.get(API).json()["results"]
    assert (row["id"], row["slug"], row["column"], row["language"]) == (lost.pk, "lost", "cards", "zh-hans")
    assert row["url"].endswith("/cards/lost/")
    shown = api.get(f"{API}{lost.pk}/").json()
    assert (shown["body"], shown["translation_key"]) == ("", str(lost.translation_key))


def test_drafts_withdrawn_and_private_articles_are_not_there(api, column, lost):
    draft = article(column, "draft", "还没写完", live=False)
    lost.unpublish()
    private = article(column, "inner", "内部挂失手册")
    private.view_restrictions.create(restriction_type="login")
    assert [api.get(f"{API}{page.pk}/").status_code for page in (draft, lost, private)] == [404, 404, 404]
    assert api.get(API).json()["results"] == []
    assert api.get(f"{API}search/", {"q": "挂失"}).json() == []


def test_searches_in_customers_words_in_one_language(api, lost):
    (hit,) = api.get(f"{API}search/", {"q": "卡丢了"}).json()
    assert (hit["article"]["id"], hit["score"] > 0) == (lost.pk, True)
    assert hit["snippet"]
    assert api.get(f"{API}search/", {"q": "卡丢了", "language": "en"}).json() == []
    assert api.get(API, {"language": "en"}).json()["results"] == []


@pytest.mark.parametrize(("path", "query"), [("search/", {}), ("search/", {"q": "x" * 201}), ("", {"language": "fr"})])
def test_wrong_questions_are_told(api, path, query):
    answer = api.get(f"{API}{path}", query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_nothing_is_written_here(api, lost):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(api, method)(f"{API}{lost.pk}/", {}).status_code == 405
    assert api.post(API, {}).status_code == 405


def test_a_token_needs_the_scope(lost):
    user = make_user("agent")
    for scopes, status in ((["articles:read"], 200), (["cases:read"], 403)):
        _token, secret = issue_token(user, "t", scopes)
        client = APIClient(headers={"Authorization": f"Bearer {secret}"})
        assert client.get(API).status_code == status


def test_more_articles_ask_no_more_queries(api, column, lost, django_assert_max_num_queries):
    api.get(API)
    with django_assert_max_num_queries(4):
        api.get(API)
    for number in range(8):
        article(column, f"more-{number}", f"第 {number} 篇")
    with django_assert_max_num_queries(4):
        assert len(api.get(API).json()["results"]) == 9
