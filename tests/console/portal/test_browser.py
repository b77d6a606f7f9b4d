"""The customers' pages in a real browser: without scripts, on a slow line that breaks, in large type, under axe."""

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import connections
from PIL import Image

from console.cases import services as cases
from console.cases.models import Case
from console.channels.models import Attachment, Envelope
from console.outreach import surveys
from console.portal import tokens
from console.portal.models import Upload
from tests.browser import chromium, open_page
from tests.console.channels.plugins.wire.plugin import line as the_line
from tests.counterparts.daemons import wait_for
from tests.factories.staff import TeamFactory

from .conftest import work

pytestmark = [
    pytest.mark.service("chromium"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("patient", "mailbox"),
]
WRITE = "/contact/write/complaint/"
LIN = "lin@customer.example"
# A line as on the edge of a village: 400 kbit/s up and down, 400 ms to and fro.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
MOST_BYTES = 100_000


def elsewhere(act):
    """Do something with the database while the browser's event loop holds this thread."""

    def done():
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


@pytest.fixture
def browse(live_server):
    with chromium() as browser:

        def page(path="", **options):
            opened = open_page(browser, live_server.url, **options)
            opened.trouble = []
            opened.on("pageerror", lambda error: opened.trouble.append(str(error)))
            if path:
                opened.goto(path)
            return opened

        page.browser, page.base = browser, live_server.url
        yield page


def until(page, expression, seconds=60):
    """Ask the page until it is so; the strict policy forbids the page to be told to wait by itself."""
    wait_for(lambda: page.evaluate(expression), seconds, lambda: expression)


def fill(page, text="小额免密关不掉，要求自己控制。"):
    page.fill("[name=text]", text)
    page.fill("[name=email]", LIN)


def send(page):
    page.click("main form button[type=submit]")
    page.wait_for_url("**/received/**")


def sign_in(page, prefix=""):
    page.goto(f"{prefix}/my/sign-in/")
    page.fill("[name=address]", LIN)
    page.click("main form button")
    page.wait_for_url("**/my/code/")
    elsewhere(work)
    sent = next(one for one in reversed(the_line.sent) if one.send_class == "security_code")
    page.fill("[name=code]", re.search(r"\d{6}", sent.text)[0])
    page.click("main form button")
    page.wait_for_url("**/my/")


def test_the_number_appears_by_itself_and_the_matter_is_followed_and_added_to(form, browse):
    page = browse(WRITE, width=360)
    fill(page)
    send(page)
    elsewhere(work)
    page.wait_for_selector("#receipt:not([data-waiting])")
    number = elsewhere(Case.objects.get).number
    assert number in page.inner_text("#receipt")
    sign_in(page)
    page.click(".matters a")
    page.fill("[name=text]", "补充：昨天又扣了一笔。")
    page.click("main form button[type=submit]")
    page.wait_for_url("**done=said")
    elsewhere(work)
    page.reload()
    assert "昨天又扣了一笔" in page.inner_text("main")
    assert page.trouble == []


def test_it_all_works_without_scripts(form, browse):
    context = browse.browser.new_context(base_url=browse.base, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(WRITE)
    fill(page)
    page.set_input_files("#id_files", [{"name": "账单.txt", "mimeType": "text/plain", "buffer": b"300"}])
    send(page)
    elsewhere(work)
    page.click("text=查看编号是否已生成")
    assert elsewhere(Case.objects.get).number in page.inner_text("#receipt")
    assert elsewhere(Attachment.objects.get).name == "账单.txt"
    sign_in(page)
    page.click(".matters a")
    page.click("text=撤回此事项")
    page.click("text=/^确定撤回$/")
    page.wait_for_url("**done=withdraw")
    assert elsewhere(Case.objects.get).state == "withdrawn"


def test_a_file_over_a_slow_line_that_breaks_arrives_whole_and_once(form, browse):
    content = os.urandom(600_000)
    page = browse(WRITE, width=360)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.set_input_files("#id_files", [{"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": content}])
    until(page, "document.querySelector('.files progress').value > 0")
    line.send("Network.emulateNetworkConditions", SLOW | {"offline": True})
    fill(page)
    page.click("main form button[type=submit]")
    page.wait_for_timeout(1500)
    assert "上传" in page.inner_text(".status") or "网络" in page.inner_text(".status")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.wait_for_url("**/received/**", timeout=90_000)
    elsewhere(work)
    file = elsewhere(Attachment.objects.get)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert elsewhere(Case.objects.count) == 1


def test_words_outlive_a_broken_line_and_a_closed_page(form, browse):
    page = browse(WRITE, width=360)
    fill(page, "这段话不能丢。")
    page.context.set_offline(True)
    page.click("main form button[type=submit]")
    until(page, "document.querySelector('.status').textContent.indexOf('断开') >= 0")
    page.context.set_offline(False)
    page.wait_for_url("**/received/**", timeout=30_000)
    assert elsewhere(Envelope.objects.count) == 1
    page.goto(WRITE)
    assert page.input_value("[name=text]") == ""
    page.fill("[name=text]", "写到一半……")
    page.reload()
    assert page.input_value("[name=text]") == "写到一半……"
    assert page.input_value("[name=email]") == ""


def test_photos_are_made_smaller_on_the_device(form, browse):
    picture = BytesIO()
    Image.effect_noise((3000, 2200), 60).convert("RGB").save(picture, "JPEG", quality=95)
    page = browse(WRITE)
    page.set_input_files("#id_files", [{"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}])
    page.wait_for_selector(".files li[data-id]")
    page.wait_for_selector(".files progress", state="detached")
    upload = elsewhere(Upload.objects.get)
    assert upload.complete
    assert upload.size < len(picture.getvalue()) / 2
    fill(page)
    send(page)
    elsewhere(work)
    file = elsewhere(Attachment.objects.get)
    assert file.content_type == "image/jpeg"


def test_a_problem_is_said_beside_its_field_and_the_words_stay(form, browse):
    page = browse(WRITE)
    page.fill("[name=text]", "只写了内容")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".summary:focus")
    assert "请留下邮箱或电话" in page.inner_text(".summary")
    assert page.input_value("[name=text]") == "只写了内容"
    page.fill("[name=phone]", "13800138000")
    send(page)


def pages_of(prefix=""):
    """Every page of this side, as the customer of the one case, decided by now, sees it."""
    case = Case.objects.get()
    token = surveys.link(case).rpartition("/survey/")[2]
    receipt = tokens.make_receipt(f"{Envelope.objects.earliest('id').public_ref}:complaint")
    mine = [f"/my/{case.number}/", f"/my/{case.number}/withdraw/", f"/my/{case.number}/recheck/", "/my/"]
    open_to_all = ["/contact/", WRITE, "/my/follow/", "/my/lost/", "/my/sign-in/", "/my/code/"]
    return [prefix + path for path in [*mine, *open_to_all, f"/contact/received/{receipt}/", f"/survey/{token}"]]


def decide():
    case = Case.objects.get()
    cases.transition(case, "accept", None)
    cases.transition(case, "decide", None, {"outcome": "upheld", "root_cause": "rules", "decision": "已退回。"})
    TeamFactory(code="recheck")
    work()


class Inspector:
    """Looks at pages one after the other and keeps what is wrong with them."""

    def __init__(self, page) -> None:
        self.page, self.wrong, self.loaded = page, [], []
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": True})
        line.on("Network.loadingFinished", lambda event: self.loaded.append(event["encodedDataLength"]))

    def look(self, path) -> None:
        self.loaded.clear()
        answer = self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        assert answer.status == 200, path
        if sum(self.loaded) > MOST_BYTES or not self.loaded:
            self.wrong.append(f"{path}: {sum(self.loaded)} bytes")
        found = Axe().run(self.page)["violations"]
        self.wrong += [f"{path}: {item['id']} {item['nodes'][0]['html'][:120]}" for item in found]
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.wrong.append(f"{path}: wider than the screen")
        if "unsafe" in answer.headers["content-security-policy"]:
            self.wrong.append(f"{path}: loose policy")


@pytest.mark.parametrize(
    ("language", "width", "large", "dark"),
    [("zh-hans", 360, False, False), ("zh-hans", 360, True, True), ("en", 1440, False, True)],
)
def test_axe_finds_nothing_nothing_is_cut_off_and_no_page_is_heavy(form, browse, language, width, large, dark):
    prefix = "/en" if language == "en" else ""
    page = browse(prefix + WRITE, language=language, width=width, dark=dark)
    fill(page)
    send(page)
    elsewhere(work)
    elsewhere(decide)
    sign_in(page, prefix)
    if large:
        page.goto("/plain/?on=1")
    page.goto(f"{prefix}/my/sign-in/")
    page.fill("[name=address]", "other@customer.example")
    page.click("main form button")
    page.wait_for_url("**/my/code/")
    inspector = Inspector(page)
    for path in elsewhere(lambda: pages_of(prefix)):
        inspector.look(path)
    assert inspector.wrong == []
    assert page.trouble == []
    scheme = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(int(part) for part in re.findall(r"\d+", scheme)[:3]) < 90) is dark


def test_a_customer_follows_one_case_without_scripts(form, browse):
    context = browse.browser.new_context(base_url=browse.base, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"/en{WRITE}")
    fill(page, "I cannot switch it off.")
    send(page)
    reference = re.search(r"EN-\w{5}-\w{5}-\w", page.inner_text("#receipt"))[0]
    elsewhere(work)
    page.click("main a.button")
    page.fill("[name=number]", reference)
    page.fill("[name=address]", LIN)
    page.click("main form button")
    page.wait_for_url("**/my/code/")
    elsewhere(work)
    sent = next(one for one in reversed(the_line.sent) if one.send_class == "security_code")
    page.fill("[name=code]", re.search(r"\d{6}", sent.text)[0])
    page.click("main form button")
    assert "I cannot switch it off." in page.inner_text("main")
    page.fill("[name=text]", "And once more today.")
    page.click("main form button[type=submit]")
    page.wait_for_url("**done=said")
