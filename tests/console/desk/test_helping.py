"""What plugins add to the desk: beside the case, in the reply box, on the hub's first page, as pages of their own."""

from pathlib import Path

import pytest
from django.urls import reverse

from cms import services
from cms.models import ArticlePage, ColumnPage
from console.cases.models import CaseCategory
from console.desk import helping
from console.plugin_host.testing import hosting
from tests.factories.cases import make_case

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture
def case(preset, agent, team):
    return make_case(team=team, owner=agent)


@pytest.fixture
def helper(db):
    with hosting((PLUGINS / "sample", "tests.plugins.sample"), only={"helper"}) as host:
        yield host


@pytest.fixture
def menace(db):
    from tests.plugins.hostile.menace import misdeeds

    misdeeds.CHOSEN[0] = "raises"
    places = [(PLUGINS / "hostile", "tests.plugins.hostile"), (PLUGINS / "sample", "tests.plugins.sample")]
    with hosting(*places, only={"menace", "helper"}) as host:
        yield host


def url(name, case, *more):
    return reverse(f"desk:{name}", args=[case.number, *more])


def test_without_plugins_nothing_is_asked_for(htmx, case):
    assert "side-beside" not in htmx("get", url("case-side", case)).content.decode()


def test_cards_stand_beside_the_case_with_numbers_masked(helper, htmx, case):
    assert url("beside", case) in htmx("get", url("case-side", case)).content.decode()
    html = htmx("get", url("beside", case)).content.decode()
    assert f"For {case.number}" in html
    assert 'class="tone-green"' in html
    assert "4111111111111111" not in html


def test_a_suggested_classification_is_accepted_by_a_person(helper, htmx, case):
    page = htmx("get", url("beside", case))
    one = page.context["beside"].suggestions[0]
    assert one.reason in page.content.decode()
    answer = htmx("post", f"{url('act', case, 'category')}?dimension={one.dimension}", category=one.code)
    assert answer.status_code == 200
    assert CaseCategory.objects.get(case=case, dimension=one.dimension).category.code == one.code
    again = htmx("get", url("beside", case)).context["beside"].suggestions
    assert (one.dimension, one.code) not in {(other.dimension, other.code) for other in again}


def test_who_may_only_look_is_offered_no_classification(helper, client, supervisor, case, monkeypatch):
    monkeypatch.setattr(helping, "can", lambda user, code, obj=None: code != "case.work")
    assert helping.beside(supervisor, case).suggestions == []


def test_a_label_nobody_offered_is_not_shown(helper, agent, case, monkeypatch):
    monkeypatch.setattr(helping, "labels", lambda case: ())
    assert helping.beside(agent, case).suggestions == []


def test_drafts_and_articles_come_with_their_sources(helper, htmx, case):
    page = htmx("get", url("case", case)).content.decode()
    assert f'hx-get="{url("writing", case)}" hx-target="#dialog" hx-swap="innerHTML"' in page
    html = htmx("get", url("writing", case)).content.decode()
    assert f"关于 {case.number}" in html
    assert "https://bank.example/m" in html
    found = htmx("get", f"{url('writing', case)}?q=limits", target="writing-found").content.decode()
    assert "About limits" in found
    assert "dialog-title" not in found


def test_the_help_centre_is_a_source(htmx, case):
    home = services.lay_site()
    column = home.add_child(instance=ColumnPage(title="银行卡", slug="cards", locale=home.locale))
    words = {"title": "银行卡丢了怎么挂失", "short_answer": "请立即挂失。", "slug": "lost", "locale": home.locale}
    column.add_child(instance=ArticlePage(**words)).save_revision().publish()
    html = htmx("get", f"{url('writing', case)}?q=挂失").content.decode()
    assert "银行卡丢了怎么挂失" in html
    assert "/cards/lost/" in html


def test_a_failing_plugin_costs_only_itself(menace, htmx, case):
    page = htmx("get", url("beside", case))
    assert page.status_code == 200
    cards = {card.slug: card.failed for card in page.context["beside"].cards}
    assert cards == {"limits": False, "menace": True}
    html = htmx("get", url("writing", case)).content.decode()
    assert f"关于 {case.number}" in html
    assert html.count("Menace") == 2


def test_widgets_stand_on_the_hubs_first_page(menace, admin_client):
    html = admin_client.get(f"{reverse('admin:index')}?hub=1").content.decode()
    assert "sunny" in html
    assert html.count('class="widget"') == 2
    menace.switch("helper", False)
    assert "sunny" not in admin_client.get(f"{reverse('admin:index')}?hub=1").content.decode()


def test_a_page_of_a_plugin_is_in_the_menu_and_gone_when_it_is_off(helper, desk, case):
    address = reverse("desk:plugin-page", args=["ledger"])
    assert address in desk.get(url("case", case)).content.decode()
    assert "Looked for fees" in desk.get(f"{address}?q=fees").content.decode()
    helper.switch("helper", False)
    assert desk.get(address).status_code == 404
    assert address not in desk.get(url("case", case)).content.decode()


def test_a_page_opens_only_with_the_permission_it_names(helper, desk, monkeypatch):
    address = reverse("desk:plugin-page", args=["ledger"])
    facts = helper.registry.entries["hub_page", "ledger"].facts
    monkeypatch.setitem(facts, "permission", "plugins.unheard_of")
    assert desk.get(address).status_code == 404
