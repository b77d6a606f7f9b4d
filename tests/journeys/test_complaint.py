"""What the law has a bank do with a complaint: keep out who is partial, refuse with grounds, look again, let go."""

import re

import pytest

from tests.browser import open_page
from tests.counterparts.daemons import wait_for

from .conftest import text_of
from .steps import act, approve, fact, open_case, open_dialog
from .test_customer_side import letter_to
from .test_side_paths import BOTH, received

WORDS = {
    "zh-hans": ("投诉：被收了两次年费", "请退还一次。", "已退还一次年费。", "还有一笔没有退。", "您的验证码", ""),
    "en": (
        "Complaint: charged twice",
        "Please refund one.",
        "One fee is refunded.",
        "One is left.",
        "Your one-time code",
        "/en",
    ),
}
SUPERIOR = "c.rechecks.get().case"


@pytest.fixture
def mine(bank, browser, customer):
    """The customer's own page of a matter, opened by its number and a code to the address it came from."""
    pages = []

    def follow(number, language, width):
        code_words, prefix = WORDS[language][4:]
        page = open_page(browser, bank.url, language, width)
        pages.append(page)
        page.goto(f"{prefix}/my/follow/")
        page.fill("[name=number]", number)
        page.fill("[name=address]", customer.address)
        page.click("main form button")
        page.wait_for_url("**/my/code/")
        letter = letter_to(bank, customer.address, code_words)
        page.fill("[name=code]", re.search(r"\b\d{6}\b", text_of(letter))[0])
        page.click("main form button")
        page.wait_for_url(f"**/my/{number}/")
        return page

    yield follow
    for page in pages:
        page.context.close()


@BOTH
def test_whoever_has_an_interest_is_led_away_and_finds_nothing(bank, customer, desk, language, width):
    subject, text = WORDS[language][:2]
    number = received(customer, subject, text)
    page = desk("agent", language, width)
    open_case(page, number)
    open_dialog(page, "interest")
    page.fill("#dialog [name=reason]", "亲属 / a relative")
    page.click("#dialog form button[data-send]")
    page.wait_for_url(lambda url: number not in url)
    assert page.goto(f"/console/desk/cases/{number}/").status == 404
    page.goto(f"/console/desk/search/?q={number}")
    assert page.locator(f"a[href*='{number}']").count() == 0
    customer_pk = fact(bank, number, "c.customer_id")
    page.goto(f"/console/desk/customers/{customer_pk}/")
    assert text not in page.inner_text("body")

    other = desk("officer", language, width)
    open_case(other, number)
    act(other, "move-accept")
    assert fact(bank, number, "c.acceptance, len(c.recused)") == "accepted 1"


@BOTH
def test_a_refusal_has_grounds_a_second_person_and_words_for_the_customer(bank, customer, desk, language, width):
    subject, text, words = WORDS[language][:3]
    number = received(customer, subject, text)
    page = desk("agent", language, width)
    open_case(page, number)
    act(page, "move-not_accept", {"grounds": "no_dispute", "words": words})
    assert fact(bank, number, "c.state") == "received"
    approve(desk("supervisor", language, width), number)
    customer.wait_for_letter(words)
    wait_for(lambda: fact(bank, number, "c.state, c.told") == "not_accepted told", 60)


@BOTH
def test_a_customer_who_objects_is_heard_by_the_superior_team(bank, customer, desk, mine, language, width):
    subject, text, decision, objection = WORDS[language][:4]
    number = received(customer, subject, text)
    officer = desk("officer", language, width)
    open_case(officer, number)
    act(officer, "move-accept")
    act(officer, "move-decide", {"outcome": "upheld", "root_cause": "rules", "decision": decision})
    customer.wait_for_letter(decision)
    wait_for(lambda: fact(bank, number, "c.told") == "told", 60)

    page = mine(number, language, width)
    page.click(f"a[href$='/my/{number}/recheck/']")
    page.fill("[name=text]", objection)
    page.wait_for_timeout(3100)
    page.click("main form button[type=submit]")
    page.wait_for_url("**done=recheck")
    second = fact(bank, number, f"{SUPERIOR}.number")
    assert fact(bank, second, "c.team.code, c.type.code") == "recheck recheck"
    assert officer.goto(f"/console/desk/cases/{second}/").status == 404

    reviewer = desk("reviewer", language, width)
    open_case(reviewer, second)
    act(reviewer, "move-accept")
    act(reviewer, "move-decide", {"outcome": "returned", "root_cause": "facts", "decision": objection})
    customer.wait_for_letter(second)
    assert fact(bank, number, "c.state, c.reopened") == "investigating 1"


@BOTH
def test_what_a_customer_withdraws_ends_the_same_day(bank, customer, desk, mine, language, width):
    subject, text = WORDS[language][:2]
    number = received(customer, subject, text)
    agent = desk("agent", language, width)
    open_case(agent, number)
    act(agent, "move-accept")
    act(agent, "extend", {"rule": "complex", "reason": "核实 / checking"})

    page = mine(number, language, width)
    page.click(f"a[href$='/my/{number}/withdraw/']")
    page.wait_for_timeout(3100)
    page.click("main form button[type=submit]")
    page.wait_for_url("**done=withdraw")
    assert page.locator("a[href$='/withdraw/']").count() == 0
    ended = "c.state, c.withdrawn_at.date() == c.reached_at.date(), c.approvals.get().status, c.next_due_at"
    assert fact(bank, number, ended) == "withdrawn True cancelled None"
    assert fact(bank, number, "c.tasks.filter(status='open').count()") == "0"
