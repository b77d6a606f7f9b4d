"""The condition builder in a real browser: a view made by clicking, without a line of JSON."""

import re

import pytest
from django.urls import reverse

from console.lowcode.models import SavedView
from tests.factories.staff import UserFactory
from tests.services import chromium_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.service("chromium")]


@pytest.fixture
def page(live_server, client, monkeypatch):
    """A signed-in administrator's browser; complaints of the console fail the test."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    client.force_login(UserFactory(is_staff=True, is_superuser=True, language="en"))
    cookie = {"name": "huiyin_staff", "value": client.cookies["huiyin_staff"].value, "url": live_server.url}
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 1100})
        context.add_cookies([cookie])
        opened = context.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.goto(live_server.url + reverse("admin:lowcode_savedview_add"))
        yield opened
        browser.close()
    assert complaints == []


def test_a_view_is_clicked_together(page):
    page.wait_for_selector("[data-builder]:not([hidden])")
    page.select_option("#id_subject", "case")
    page.fill("#id_name_zh", "重要")
    page.fill("#id_name_en", "Grave")
    page.click("[data-add=test]")
    page.select_option("[data-test] select[data-field]", "grade")
    page.wait_for_selector("[data-test] option[value=gte]", state="attached")
    page.select_option("[data-test] [data-op]", "gte")
    # Typed at once, while the server still draws the row of the new operator: nothing typed is lost.
    page.fill("[data-test] [data-value]", "3")
    page.wait_for_selector(".condition-preview")
    page.click("[data-add=group]")
    page.wait_for_selector("[data-group] [data-group]")
    page.click("[data-group] [data-group] [data-remove]")
    page.wait_for_selector("[data-group] [data-group]", state="detached")
    page.click("[name=_save]")
    page.wait_for_url(re.compile(r"/savedview/(\?.*)?$"))
    assert SavedView.objects.get(name_en="Grave").tree == {"all": [{"field": "grade", "op": "gte", "value": 3}]}
