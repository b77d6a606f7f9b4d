"""Dialogs in a real browser: whatever is exchanged around them, one press opens one dialog."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.console.desk.seeding import Desk
from tests.factories.cases import cn_bank

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]
LOOK = """
document.getElementById('case-live').dataset.stamp = 'old';
document.body.dispatchEvent(new CustomEvent('desk:look'));
"""
ASSIGN = "[data-key='assign']"


@pytest.fixture
def full():
    cn_bank()
    return Desk(cases=1)


@pytest.fixture
def page(browse, full):
    return browse(reverse("desk:case", args=[full.main.number]))


def test_a_button_works_from_the_moment_it_is_there(page):
    page.evaluate(f"""() => {{
      new MutationObserver(() => document.querySelector("{ASSIGN}").click())
        .observe(document.querySelector(".case"), {{childList: true}});
      {LOOK}
    }}""")
    expect(page.locator("#dialog form")).to_be_visible()
    assert page.trouble == []


def test_pressed_twice_by_an_impatient_hand_it_is_asked_once(page):
    asked = []
    page.route("**/do/assign/", lambda route: asked.append(route))
    page.evaluate(f"""() => {{
      const button = document.querySelector("{ASSIGN}");
      button.click();
      setTimeout(() => button.click(), 50);
    }}""")
    page.wait_for_timeout(300)
    assert len(asked) == 1
    asked[0].continue_()
    page.fill("#dialog [name='reason']", "休假")
    page.wait_for_timeout(500)
    assert page.input_value("#dialog [name='reason']") == "休假"
    assert len(asked) == 1


def test_another_question_takes_the_place_of_one_that_is_slow(page):
    slow = []
    page.route("**/do/assign/", lambda route: slow.append(route))
    page.evaluate(f"""document.querySelector("{ASSIGN}").click()""")
    page.evaluate("""document.querySelector("#case-head [hx-get*='/do/retitle/']").click()""")
    expect(page.locator("#dialog [name='subject']")).to_be_visible()
    assert not page.locator(".toast-red").count()


def test_what_is_under_a_pressing_finger_is_not_exchanged(page):
    mark = "document.getElementById('case-head').dataset.mine = '1'"
    mine = page.locator("#case-head[data-mine]")
    page.evaluate(mark)
    page.hover("#case-subject")
    page.mouse.down()
    with page.expect_response("**/live/**"):
        page.evaluate(f"() => {{ {LOOK} }}")
    page.wait_for_timeout(200)
    expect(mine).to_have_count(1)
    page.mouse.up()
    page.evaluate(f"() => {{ {LOOK} }}")
    expect(mine).to_have_count(0)
    assert page.trouble == []
