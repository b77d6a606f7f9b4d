"""The desk in a real browser: keys, words that are never lost, undo, one column, and what axe finds."""

import re
from datetime import timedelta

import pytest
from axe_core_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.console.desk.conftest import elsewhere
from tests.console.desk.seeding import Desk
from tests.factories.cases import cn_bank, make_case, make_message

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def full():
    cn_bank()
    return Desk(cases=6)


def case_url(full):
    return reverse("desk:case", args=[full.main.number])


def test_keys_move_mark_and_rest_while_typing(browse):
    page = browse("/console/desk/?view=team")
    for key in "jjx":
        page.keyboard.press(key)
    assert page.locator("#bulk").is_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("jjx?rn")
    assert page.input_value("#find") == "jjx?rn"
    assert not page.locator("dialog[open]").count()
    assert page.trouble == []


def test_nothing_fires_while_an_input_method_composes(browse, full):
    page = browse(case_url(full))
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', isComposing: true, bubbles: true}))")
    assert page.evaluate("document.activeElement.id") != "reply-text"
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "reply-text"


def test_keys_are_chosen_by_pressing_them_and_do_what_is_chosen(browse, full):
    page = browse("/console/desk/keys/")
    page.focus("#key-reply")
    composing = "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'z', isComposing: true, bubbles: true}))"
    page.eval_on_selector("#key-reply", composing)
    page.keyboard.press("Shift+T")
    page.focus("#key-note")
    page.keyboard.press("Backspace")
    page.focus("#key-find")
    page.keyboard.press("Control+q")
    assert [page.input_value(f"#key-{code}") for code in ("reply", "note", "find")] == ["t", "", "Ctrl+Q"]
    page.click("[data-send]")
    page.wait_for_load_state("networkidle")
    page.goto(case_url(full))
    for key in "rn":
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.tagName") != "TEXTAREA"
    page.keyboard.press("t")
    assert page.evaluate("document.activeElement.id") == "reply-text"
    page.keyboard.press("Control+q")
    assert page.evaluate("document.activeElement.id") == "find"
    assert page.trouble == []


@pytest.fixture
def many(full):
    for _n in range(50):
        make_case(team=full.main.team, owner=full.agent, message=make_message(account=full.account))


def test_pages_come_by_key_and_news_moves_nothing_one_points_at(many, browse, full):
    page = browse("/console/desk/?view=team")
    rows = page.locator(".row[data-row]")
    expect(rows).to_have_count(50)
    rows.nth(49).locator(".row-main").focus()
    page.keyboard.press("j")
    expect(page.locator(".row.is-current")).to_have_attribute("id", rows.nth(50).get_attribute("id"))
    held = rows.nth(45)
    held.locator(".row-main").focus()
    held.hover()
    place = held.bounding_box()["y"]
    number, identity = held.locator(".row-number").inner_text(), held.get_attribute("id")

    def arrives():
        fresh = make_case(team=full.main.team, owner=full.agent, message=make_message(account=full.account))
        type(fresh).objects.filter(pk=fresh.pk).update(due_key=timezone.now() - timedelta(days=9))

    elsewhere(arrives)
    count = rows.count()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:look'))")
    expect(rows.nth(0)).to_have_class(re.compile("row-new"))
    assert rows.count() == count
    assert abs(page.locator(f"#{identity}").bounding_box()["y"] - place) < 2
    assert page.evaluate("document.activeElement.closest('.row').querySelector('.row-number').textContent") == number
    assert page.trouble == []


def test_next_opens_in_place_and_its_row_is_marked_in_the_queue(browse, full):
    page = browse(case_url(full) + "?view=team")
    expect(page.locator("#queue-pane .row[aria-current]")).to_have_count(1)
    page.keyboard.press("e")
    expect(page.locator(".case-number")).not_to_have_text(full.main.number)
    shown = page.inner_text(".case-number")
    expect(page.locator("#queue-pane .row[aria-current] .row-number")).to_have_text(shown)
    assert shown in page.url
    assert page.trouble == []


def test_a_sent_reply_comes_back_with_undo(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "林女士,已为您关闭。")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast .btn-link")
    assert page.input_value("#reply-text") == ""
    page.click(".toast .btn-link")
    expect(page.locator("#reply-text")).to_have_value("林女士,已为您关闭。")
    assert [text for text in page.trouble if "Content Security" in text] == []


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True)])
def test_axe_finds_nothing_and_nothing_is_cut_off(browse, full, width, dark):
    paths = ["/console/desk/?view=team", case_url(full), "/console/desk/tasks/", "/console/desk/approvals/"]
    paths += [
        reverse("desk:customer", args=[full.main.customer_id]),
        reverse("desk:case-history", args=[full.main.number]),
    ]
    page = browse(paths[0], width=width, dark=dark)
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page)["violations"]
        assert [(path, item["id"], item["nodes"][0]["html"][:120]) for item in found] == []


def test_news_arrive_without_moving_what_is_typed(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "半句话")
    elsewhere(lambda: full.mail(full.main.customer, full.main.conversation, "回复", "我又想起一件事"))
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:look'))")
    page.wait_for_selector("text=我又想起一件事")
    assert page.input_value("#reply-text") == "半句话"


def test_an_answer_about_a_case_no_longer_open_changes_nothing(browse, full):
    page = browse(case_url(full))
    late = reverse("desk:case-live", args=[full.cases[0].number])
    page.evaluate("url => htmx.ajax('GET', url, { target: '#case-live', swap: 'none' })", late)
    page.wait_for_load_state("networkidle")
    assert page.inner_text("#case-head .case-number") == full.main.number
    assert page.get_attribute("#timeline", "data-case") == full.main.number
