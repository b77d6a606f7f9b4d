"""The help centre as a customer sees it, in both languages."""

import pytest
from django.db import transaction
from django.utils import translation
from wagtail.models import Page, Site

from cms import services
from cms.models import ArticlePage, ColumnPage, HomePage
from console.runtime.demo.knowledge import load_knowledge
from console.staff.models import Role, User
from console.staff.services import set_permissions, set_preferences
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def knowledge_of_module(django_db_setup, django_db_blocker):
    """Loaded once for this module, rolled back after it: eighty pages take seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_knowledge()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def knowledge(knowledge_of_module, db):
    """Inside the module's transaction, each test in a savepoint of its own."""


def test_laying_the_site_twice_changes_nothing():
    services.lay_site()
    services.lay_site()
    assert HomePage.objects.count() == 2


def test_laying_the_site_leaves_what_editors_made_alone(knowledge):
    home = services.home_in("zh-hans")
    home.title, home.slug = "云杉帮助", "spruce"
    home.save_revision().publish()
    home.headline = "还没发布的话"
    home.save_revision()
    services.home_in("en").unpublish()
    ColumnPage.objects.child_of(home).first().move(home, "last-child")
    Site.objects.update(site_name="云杉", hostname="help.spruce.example")
    before = seen()
    services.lay_site()
    assert seen() == before


def seen() -> list:
    fields = ("path", "title", "slug", "live", "has_unpublished_changes", "latest_revision")
    return [*Page.objects.order_by("path").values_list(*fields), *Site.objects.values()]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_deleted_home_comes_back_once(knowledge, language):
    services.home_in(language).delete()
    services.lay_site()
    services.lay_site()
    assert HomePage.objects.count() == 2
    assert services.home_in("zh-hans").get_translations().get() == services.home_in("en")
    assert Site.objects.get(is_default_site=True).root_page_id == services.home_in("zh-hans").pk
    assert Page.find_problems() == ([], [], [], [], [])


def test_loading_the_knowledge_twice_adds_nothing(knowledge):
    before = ArticlePage.objects.count()
    load_knowledge()
    assert before == ArticlePage.objects.count() == 80


@pytest.mark.parametrize(
    ("path", "language", "word"), [("/", "zh-hans", "有什么可以帮您"), ("/en/", "en", "How can we help")]
)
def test_home_speaks_the_language_of_its_address(client, knowledge, path, language, word):
    page = client.get(path).content.decode()
    assert f'<html lang="{language}"' in page
    assert word in page


def test_article_opens_with_its_answer_and_links_its_translation(client, knowledge):
    page = client.get("/cards/no-pin-switch/").content.decode()
    assert page.index("立即生效") < page.index("打开手机银行")
    assert 'hreflang="en" href="' in page
    assert client.get("/en/cards/no-pin-switch/").status_code == 200


def test_search_finds_articles_in_customers_words(client, knowledge):
    assert "如何关闭小额免密支付" in client.get("/search/?q=小额免密怎么关").content.decode()


@pytest.mark.parametrize("query", ['"', "  ", "\x00", "'; --", "a" * 10000, "NOT (", "%_"])
def test_no_query_breaks_the_search(client, knowledge, query):
    assert client.get("/search/", {"q": query}).status_code == 200


def test_withdrawn_article_is_not_found(client, knowledge):
    with translation.override("zh-hans"):
        ArticlePage.objects.get(slug="no-pin-switch", locale__language_code="zh-hans").unpublish()
    assert "如何关闭小额免密支付" not in client.get("/search/?q=小额免密").content.decode()


@pytest.mark.parametrize(
    ("path", "queries"), [("/", 12), ("/cards/", 16), ("/cards/no-pin-switch/", 16)], ids=["home", "column", "article"]
)
def test_query_counts(client, knowledge, django_assert_max_num_queries, path, queries):
    client.get(path)
    with django_assert_max_num_queries(queries):
        client.get(path)


def test_the_editor_speaks_the_language_of_the_account(client):
    from wagtail.users.models import UserProfile

    editor = make_user("knowledge_editor", language="zh-hans")
    profile = UserProfile.get_for_user(editor)
    profile.preferred_language = "en"
    profile.save()
    client.force_login(editor)
    assert '<html lang="zh-hans"' in client.get("/cms/").content.decode()
    set_preferences(editor, language="en", time_zone="Europe/London")
    assert '<html lang="en"' in client.get("/cms/").content.decode()
    profile.refresh_from_db()
    assert profile.current_time_zone == "Europe/London"


def test_an_editor_writes_and_publishes_in_both_languages(client):
    services.lay_site()
    client.force_login(make_user("knowledge_editor", language="zh-hans"))
    for language in ("zh-hans", "en"):
        home = services.home_in(language)
        assert client.get(f"/cms/pages/{home.pk}/").status_code == 200
        column = ColumnPage(title="卡" if language == "zh-hans" else "Cards", slug=f"cards-{language}")
        home.add_child(instance=column)
        address = f"/cms/pages/add/cms/articlepage/{column.pk}/"
        page = client.get(address)
        assert page.status_code == 200
        assert 'name="action-publish"' in page.content.decode()


def test_rights_in_the_editor_follow_the_permission_table(client):
    services.lay_site()
    role = Role.objects.get(code="knowledge_editor")
    editor = make_user("knowledge_editor")
    home = services.home_in("zh-hans")
    assert home.permissions_for_user(editor).can_publish()
    set_permissions(None, role, {"knowledge.publish": False})
    editor = User.objects.get(pk=editor.pk)
    assert home.permissions_for_user(editor).can_edit()
    assert not home.permissions_for_user(editor).can_publish()
    assert not home.permissions_for_user(make_user("agent", team=TeamFactory())).can_edit()
