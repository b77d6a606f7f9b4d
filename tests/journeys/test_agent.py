"""An agent's day: thirty cases by keys alone with an input method, and a reply that outlives server and session."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.counterparts.daemons import wait_for

from .conftest import Customer
from .steps import open_case

THIRTY, TOGETHER = 30, 10
# Enquiries of this journey, while it is our turn: what an agent would keep as a view.
PREPARE = """
from console.cases.models import CaseType, IntakeRule
from console.channels.models import ChannelAccount
from console.lowcode.models import SavedView
from console.staff.models import Team
IntakeRule.objects.filter(name="journeys").update(order=1)
IntakeRule.objects.create(
    name="{mark}", account=ChannelAccount.objects.get(name="journeys"), type=CaseType.objects.get(code="enquiry"),
    team=Team.objects.get(code="card-1"), condition=dict(field="subject", op="contains", value="{mark}"))
SavedView.objects.create(
    code="{mark}", subject="case", name_zh="{mark}", shared="everyone", sort=["next_due_at"],
    tree=dict(all=[dict(field="is_open", op="eq", value=True), dict(field="turn", op="eq", value="staff"),
                   dict(field="subject", op="contains", value="{mark}")]))
"""
ANSWERED = """
SELECT c.state, count(*) FROM cases_case c WHERE c.subject LIKE '%{mark}%' GROUP BY c.state ORDER BY c.state
"""
LETTERS = """
SELECT count(*), count(DISTINCT e.conversation_id) FROM channels_message m
JOIN channels_delivery d ON d.message_id = m.id JOIN conversations_entry e ON e.message_id = m.id
WHERE m.text LIKE '%{mark}%' AND d.automatic = {no} AND d.status <> 'cancelled'
"""


def words_of(bank, mark: str) -> tuple[int, int]:
    return bank.sql(LETTERS.format(mark=mark, no="false" if bank.server or bank.database else 0))[0]


class Hands:
    """Two hands on a keyboard, with a Chinese input method; no mouse."""

    def __init__(self, page) -> None:
        self.page = page
        self.method = page.context.new_cdp_session(page)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def compose(self, pinyin: str, words: str) -> None:
        """Letters appear underlined, the candidate is chosen, the words stand there: as an input method does it."""
        for end in range(1, len(pinyin) + 1):
            shown = {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end}
            self.method.send("Input.imeSetComposition", shown)
        self.method.send("Input.insertText", {"text": words})

    def number(self) -> str:
        return self.page.inner_text("#case-head .case-number")

    def answer(self, words: str) -> None:
        self.press("r")
        self.compose("ninhao", f"您好，{words}")
        expect(self.page.locator("#reply-text")).to_have_value(f"您好，{words}")

    def send_and_next(self, *keys: str) -> None:
        """The keys that send, and the case that comes after, at its head; or the list when none is left."""
        before = self.number()
        self.press(*keys)
        expect(self.page.locator("#case-head .case-number", has_text=before)).to_have_count(0)
        expect(self.page.locator("#case-subject:focus, .queue .empty")).to_have_count(1)


@pytest.fixture
def thirty(bank, mail_house):
    mark = f"Q{uuid.uuid4().hex[:8]}"
    bank.ask(PREPARE.format(mark=mark))
    for number in range(THIRTY):
        Customer(mail_house).write(f"年费怎么免 {mark} {number}", "请问年费怎么免？")
    count = f"SELECT count(*) FROM cases_case WHERE subject LIKE '%{mark}%'"
    wait_for(lambda: bank.sql(count)[0][0] == THIRTY, 60, lambda: f"{bank.sql(count)} of {THIRTY} arrived")
    return mark


def test_thirty_cases_by_keys_alone_with_an_input_method(bank, desk, thirty):
    page = desk("agent", "zh-hans", 1440)
    page.goto(f"/console/desk/?view={thirty}")
    hands, seen = Hands(page), []
    hands.press("j", "Enter")
    page.wait_for_selector("#case-subject")
    for number in range(THIRTY):
        seen.append(hands.number())
        hands.answer(f"刷满六次即免。{thirty}")
        if number == TOGETHER:  # from here on the answer ends the matter: chosen once, by keys
            page.focus("[data-send-then]")
            hands.press("Tab", "Enter", "ArrowDown")
            choice = page.locator(".send-menu .menu-item[value='close+next']")
            while not choice.evaluate("item => item === document.activeElement"):
                hands.press("ArrowDown")
            hands.send_and_next("Enter")
        else:
            hands.send_and_next("Control+Shift+Enter")
    assert len(set(seen)) == THIRTY
    expect(page.locator(".queue .empty")).to_be_visible()
    assert words_of(bank, thirty) == (THIRTY, THIRTY)
    states = dict(bank.sql(ANSWERED.format(mark=thirty)))
    assert sum(states.values()) == THIRTY
    assert states["closed"] == THIRTY - TOGETHER


@pytest.fixture
def asked(bank, customer):
    """A word of this journey, and the number of the case that came of the letter with it."""
    mark = f"S{uuid.uuid4().hex[:8]}"
    customer.write(f"Fee {mark}", "Please refund the fee.")
    found: list = []

    def arrived() -> bool:
        found[:] = bank.sql(f"SELECT number FROM cases_case WHERE subject LIKE '%{mark}%'")
        return bool(found)

    wait_for(arrived, 60, lambda: "the letter did not arrive")
    return mark, found[0][0]


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 360)])
def test_a_session_ends_in_the_middle_of_a_reply(bank, desk, asked, language, width):
    mark, number = asked
    page = desk("agent", language, width)
    open_case(page, number)
    page.fill("#reply-text", f"answer {mark}")
    bank.sql("DELETE FROM django_session")
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    frame = page.frame_locator("#sign-in iframe")
    frame.locator("input[name='login']").fill("agent")
    frame.locator("input[name='password']").fill(bank.password)
    frame.locator("input[name='password']").press("Enter")
    page.wait_for_selector(f".entry .prose:has-text('answer {mark}')")
    expect(page.locator("#sign-in")).to_be_hidden()
    assert words_of(bank, mark) == (1, 1)
    assert page.input_value("#reply-text") == ""


def test_the_server_is_restarted_in_the_middle_of_a_reply(bank, desk, asked):
    mark, number = asked
    page = desk("agent", "zh-hans", 1440)
    open_case(page, number)
    page.fill("#reply-text", f"answer {mark}")
    bank.stop()
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast-red")
    assert page.input_value("#reply-text") == f"answer {mark}"
    bank.start()
    page.click(".toast:not(.toast-red) .btn-link")  # connected again: do it now
    page.wait_for_selector(f".entry .prose:has-text('answer {mark}')")
    assert words_of(bank, mark) == (1, 1)
