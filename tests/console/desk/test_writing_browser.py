"""The reply box in a real browser: files, templates, one key for send-and-then, and an input method that composes."""

import base64

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from console.channels.models import Delivery
from console.customers.models import Identity
from console.outreach.models import Template
from tests.console.desk.conftest import elsewhere
from tests.console.desk.seeding import Desk
from tests.factories.cases import cn_bank

pytestmark = [pytest.mark.service("chromium"), pytest.mark.django_db(transaction=True)]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PASTE = """([name, type, data]) => {
  const carrier = new DataTransfer();
  carrier.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name, { type }));
  const event = new ClipboardEvent("paste", { clipboardData: carrier, bubbles: true, cancelable: true });
  document.getElementById("reply-text").dispatchEvent(event);
}"""
DROP = """([name, size]) => {
  const carrier = new DataTransfer();
  carrier.items.add(new File([new Uint8Array(size)], name, { type: "application/pdf" }));
  const event = new DragEvent("drop", { dataTransfer: carrier, bubbles: true, cancelable: true });
  document.getElementById("reply-text").dispatchEvent(event);
}"""
BODY = "您好，已为您关闭小额免密。"


@pytest.fixture
def full():
    cn_bank()
    for number, name in enumerate(("关闭免密", "退费说明")):
        made = Template.objects.create(code=f"reply-{number}", name=name, send_class="reply")
        made.texts.create(language="zh-hans", body=BODY)
        Template.objects.filter(pk=made.pk).update(state="active")
    desk = Desk(cases=6)
    written = desk.main.conversation.entries.filter(inbound=True).values("message__identity")
    Identity.objects.filter(pk__in=written).update(customer=desk.main.customer)
    return desk


def case_url(full):
    return reverse("desk:case", args=[full.main.number])


def ime(page):
    """The devtools session an input method of the system would speak through."""
    return page.context.new_cdp_session(page)


def compose(session, *steps):
    for text in steps:
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def test_files_are_pasted_dropped_taken_out_and_kept_after_a_refusal(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "请看附件")
    page.evaluate(PASTE, ["image.png", "image/png", base64.b64encode(PNG).decode()])
    page.evaluate(DROP, ["明细.pdf", 2048])
    files = page.locator("[data-files] .file")
    expect(files).to_have_count(2)
    assert files.nth(0).inner_text().startswith("粘贴图片-")
    page.evaluate(DROP, ["太大.pdf", 21 * 1024 * 1024])
    expect(page.locator("[data-files-why]")).to_contain_text("太大.pdf")
    files.nth(2).get_by_role("button").click()
    expect(page.locator("[data-files-why]")).to_be_empty()
    page.locator(".recipient input").first.uncheck()
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#refusals .notice-red")).to_be_visible()
    expect(files).to_have_count(2)
    page.locator(".recipient input").first.check()
    page.focus("#reply-text")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast .btn-link")
    expect(page.locator("#timeline .file", has_text="明细.pdf")).to_be_visible()
    assert page.evaluate("document.getElementById('reply-files').files.length") == 0


def test_a_slash_brings_templates_and_keys_choose_one(browse, full):
    page = browse(case_url(full))
    page.keyboard.press("/")
    expect(page.locator("#templates")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#templates")).to_be_hidden()
    page.keyboard.type("林女士：\n/退费")
    expect(page.locator("#templates [role='option']:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value(f"林女士：\n{BODY}")
    page.keyboard.type("\n24/7")
    expect(page.locator("#templates")).to_be_hidden()


def test_one_key_sends_waits_and_opens_the_next_and_undo_comes_along(browse, full):
    page = browse(f"{case_url(full)}?view=team")
    page.keyboard.press("r")
    page.keyboard.type("请您稍候")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(lambda url: full.main.number not in url)
    expect(page.locator("#case-subject")).to_be_visible()
    page.click(".toast >> text=撤销")
    page.wait_for_url(f"**{case_url(full)}*")
    expect(page.locator("#reply-text")).to_have_value("请您稍候")
    assert page.trouble == []


def test_what_followed_last_is_what_the_key_does_again(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "请稍等")
    page.click(".send-menu summary")
    page.click(".send-menu .menu-item[value='wait']")
    page.wait_for_selector(".toast .btn-link")
    page.goto(reverse("desk:case", args=[full.cases[2].number]))
    assert page.get_attribute("[data-send-then]", "value") == "wait"


def test_the_channel_and_what_it_does_not_carry_stand_above_the_text(browse, full):
    page = browse(case_url(full))
    expect(page.locator("#reply-rules")).to_contain_text("链接")
    expect(page.locator(".recipient .level").first).to_have_text("L1")
    page.click("#reply-to details summary")
    expect(page.locator("#ways .menu-item").first).to_be_visible()
    page.locator("#ways .menu-item").first.click()
    expect(page.locator("#reply-to [name='way']")).not_to_have_value("")
    expect(page.locator(".recipient")).to_have_count(1)


def test_nothing_is_sent_or_chosen_while_an_input_method_composes(browse, full):
    page = browse(case_url(full))
    before, waiting = page.url, []
    page.keyboard.press("r")
    session = ime(page)
    compose(session, "n", "ni", "nihao")
    # What Chromium tells the page when Enter ends a composition: a key that belongs to the input method.
    session.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229, "modifiers": 2}
    )
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Enter', ctrlKey: true, isComposing: true, bubbles: true, cancelable: true }))"
    )
    session.send("Input.insertText", {"text": "你好"})
    page.wait_for_timeout(300)
    assert page.input_value("#reply-text") == "你好"
    assert page.url == before
    elsewhere(lambda: waiting.append(Delivery.objects.filter(status="queued").count()))
    assert waiting == [0]
    compose(session, "、")
    session.send("Input.insertText", {"text": "、"})
    expect(page.locator("#templates")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast .btn-link")


def test_single_keys_rest_while_a_note_is_composed(browse, full):
    page = browse(case_url(full))
    page.keyboard.press("n")
    session = ime(page)
    for text in ("s", "sh", "shen"):
        compose(session, text)
    session.send("Input.insertText", {"text": "审核 r a s j . ?"})
    assert page.input_value("#note-text") == "审核 r a s j . ?"
    assert not page.locator("dialog[open], details.menu[open]").count()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry-note", has_text="审核")).to_be_visible()


def test_enter_in_the_subject_sends_nothing(browse, full):
    page = browse(case_url(full))
    page.fill("#reply-text", "还没写完")
    page.focus("#reply-subject")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.input_value("#reply-text") == "还没写完"
