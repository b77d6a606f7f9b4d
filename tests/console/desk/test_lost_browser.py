"""Nothing typed is lost, in a real browser: session ended, network cut, two windows, a colleague who was faster."""

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from console.channels.models import Delivery
from console.conversations.models import Draft
from tests.console.desk.conftest import elsewhere
from tests.console.desk.seeding import Desk
from tests.factories.cases import cn_bank
from tests.factories.staff import PASSWORD

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]
WORDS = "不能丢的文字"


@pytest.fixture
def full():
    cn_bank()
    return Desk(cases=2)


def case_url(full):
    return reverse("desk:case", args=[full.main.number])


def sent(text=WORDS):
    """How many letters with these words there are."""
    found = []
    elsewhere(lambda: found.append(Delivery.objects.filter(message__text=text).count()))
    return found[0]


def attach(page):
    page.set_input_files("#reply-files", {"name": "明细.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})


def send_signed_out(page):
    """The session is over, and the reply is sent all the same."""
    page.context.clear_cookies(name="huiyin_staff")
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")


def sign_in_over(page):
    """Name and password in the frame over the page; the frame."""
    frame = page.frame_locator("#sign-in iframe")
    frame.locator("input[name='login']").fill("agent")
    frame.locator("input[name='password']").fill(PASSWORD)
    frame.locator("input[name='password']").press("Enter")
    return frame


def test_sign_in_opens_over_the_page_and_the_reply_goes_out_once(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    attach(page)
    send_signed_out(page)
    sign_in_over(page)
    page.wait_for_selector(".toast .btn-link")
    expect(page.locator("#sign-in")).to_be_hidden()
    expect(page.locator("#timeline .file", has_text="明细.pdf")).to_be_visible()
    assert page.input_value("#reply-text") == ""
    assert sent() == 1


def test_the_second_factor_is_asked_over_the_page_too(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    secret = generate_totp_secret()
    elsewhere(lambda: TOTP.activate(full.agent, secret))
    send_signed_out(page)
    frame = sign_in_over(page)
    # Made when it is asked for: a code lives half a minute, and not a second longer.
    frame.locator("input[name='code']").wait_for()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    frame.locator("input[name='code']").fill(code)
    frame.locator("input[name='code']").press("Enter")
    page.wait_for_selector(".toast .btn-link")
    expect(page.locator("#sign-in")).to_be_hidden()
    assert sent() == 1


def test_sign_in_that_is_put_off_keeps_everything(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    send_signed_out(page)
    page.frame_locator("#sign-in iframe").locator("input[name='login']").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".toast-red")).to_be_visible()
    assert page.input_value("#reply-text") == WORDS
    page.click(".toast-red .btn-link")
    expect(page.locator("#sign-in")).to_be_visible()
    assert sent() == 0


def test_a_cut_network_keeps_words_and_files_and_sends_when_it_is_back(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    attach(page)
    page.context.set_offline(True)
    page.focus("#reply-text")
    page.keyboard.type("，一个也不能")
    expect(page.locator("#reply-state")).to_contain_text("本机")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast-red")).to_be_visible()
    assert page.input_value("#reply-text") == f"{WORDS}，一个也不能"
    page.context.set_offline(False)
    page.click(".toast >> text=现在补做")
    expect(page.locator("#timeline .file", has_text="明细.pdf")).to_be_visible()
    assert sent(f"{WORDS}，一个也不能") == 1


def test_what_was_typed_without_a_network_is_there_after_a_reload(browse, full):
    page = browse(case_url(full))
    page.context.set_offline(True)
    page.fill("#reply-text", WORDS)
    page.context.set_offline(False)
    page.reload()
    assert page.input_value("#reply-text") == WORDS


def test_two_windows_show_the_newer_words_and_offer_the_others(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "甲窗口写的")
    other = page.context.new_page()
    other.goto(case_url(full))
    expect(other.locator("#reply-text")).to_have_value("甲窗口写的")
    other.fill("#reply-text", "乙窗口重写了")
    expect(page.locator("#reply-text")).to_have_value("乙窗口重写了")
    page.click(".toast >> text=改用另一份")
    expect(page.locator("#reply-text")).to_have_value("甲窗口写的")
    expect(other.locator("#reply-text")).to_have_value("甲窗口写的")
    page.wait_for_timeout(1500)
    bodies = []
    elsewhere(lambda: bodies.extend(Draft.objects.values_list("body", flat=True)))
    assert bodies == ["甲窗口写的"]


def test_a_sent_reply_leaves_no_draft_behind(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast .btn-link")
    page.wait_for_timeout(1500)
    page.reload()
    assert page.input_value("#reply-text") == ""


def test_the_customers_new_words_are_shown_before_an_answer_goes_past_them(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", WORDS)
    elsewhere(lambda: full.mail(full.main.customer, full.main.conversation, "回复", "等一下，情况变了"))
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#refusals")).to_contain_text("1 条新消息")
    expect(page.locator("#timeline")).to_contain_text("等一下，情况变了")
    assert sent() == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast .btn-link")
    assert sent() == 1


def test_a_colleague_sees_who_is_writing(browse, full):
    page = browse(case_url(full))
    page.focus("#reply-text")
    page.keyboard.type("正在写")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:look'))")
    page.wait_for_timeout(500)
    seen = []

    def look():
        colleague = Client()
        colleague.force_login(full.supervisor)
        seen.append(colleague.get(case_url(full)).content.decode())

    elsewhere(look)
    assert "王敏正在写回复" in seen[0]
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:look'))")
    expect(page.locator("#case-here")).to_contain_text("赵洁也在看")
