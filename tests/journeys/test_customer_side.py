"""The customer's side of the whole product: form, number, the decision read at /my/, the survey and its case."""

import email
import email.policy
import re
import uuid
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.browser import open_page
from tests.counterparts.daemons import wait_for

from .conftest import text_of
from .steps import act, fact, open_case

WORDS = {
    "zh-hans": ("", "小额免密支付关不掉，要求自己控制。", "已为您关闭小额免密支付。", "您的验证码"),
    "en": ("/en", "I cannot switch off no-PIN payment.", "It is switched off now.", "Your one-time code"),
}


def letter_to(bank, address, holds):
    """The newest letter in the bank's outgoing Maildir to this address that holds these words."""
    found = []

    def look():
        folder = bank.home / "mail" / "out" / "new"
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        letters = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        mine = [one for one in letters if address in str(one["To"])]
        found[:] = [one for one in mine if holds in str(one["Subject"]) or holds in text_of(one)]
        return bool(found)

    wait_for(look, 90, lambda: f"no letter to {address} with {holds!r}")
    return found[-1]


TITLES = {"zh-hans": "消费投诉处理决定书", "en": "Decision on your complaint"}


def pages_of(letter):
    """The text of the PDF in a letter, without the breaks of its lines."""
    (sheet,) = [part for part in letter.iter_attachments() if part.get_content_type() == "application/pdf"]
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(sheet.get_content())).pages)
    return text.replace("\n", "")


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 360), ("en", 1440)])
def test_from_the_form_to_the_survey(bank, browser, desk, language, width):
    prefix, text, decision, subject = WORDS[language]
    address = f"lin.{uuid.uuid4().hex[:8]}@customer.example"
    page = open_page(browser, bank.url, language, width)
    page.goto(f"{prefix}/contact/write/complaint/")
    page.fill("[name=text]", text)
    page.fill("[name=email]", address)
    page.wait_for_timeout(3100)
    page.click("main form button[type=submit]")
    page.wait_for_selector("#receipt:not([data-waiting])", timeout=60_000)
    number = re.search(r"HY-\d{4}-\d{6}", page.inner_text("#receipt"))[0]

    officer = desk("officer", language)
    open_case(officer, number)
    act(officer, "move-accept")
    act(officer, "move-decide", {"outcome": "upheld", "root_cause": "systems", "decision": decision})
    told = letter_to(bank, address, decision)
    survey = re.search(r"https?://\S+/survey/[\w-]+/", text_of(told))[0]
    printed = pages_of(told)
    assert number in printed
    assert decision.rstrip("。.") in printed
    assert TITLES[language] in printed

    page.goto(f"{prefix}/my/sign-in/")
    page.fill("[name=address]", address)
    page.click("main form button")
    page.wait_for_url("**/my/code/")
    code = re.search(r"\b\d{6}\b", text_of(letter_to(bank, address, subject)))[0]
    page.fill("[name=code]", code)
    page.click("main form button")
    page.wait_for_url("**/my/")
    page.click(".matters a")
    assert decision in page.inner_text("main")

    page.goto(bank.url + survey[survey.index("/", 9) :])
    page.check("[name=score][value='2']")
    page.fill("[name=text]", text)
    page.click("main form button")
    page.wait_for_selector("h1:text-matches('谢谢|Thank you')")
    wait_for(
        lambda: fact(bank, number, "c.linked_from.filter(kind='follow_up').count()") == "1",
        60,
        lambda: "the low score opened no case",
    )
    page.context.close()
