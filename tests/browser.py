"""A real Chromium for journeys and pictures, without a network of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services import chromium_path

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"zh-hans": "zh-CN", "en": "en-GB"}


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, base: str, language: str = "zh-hans", width: int = 1440, dark: bool = False) -> Page:
    """A page in a session of its own: language, width in CSS pixels, colour scheme."""
    context = browser.new_context(
        base_url=base,
        locale=LOCALES[language],
        viewport={"width": width, "height": 900 if width > 600 else 780},
        color_scheme="dark" if dark else "light",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    return context.new_page()


def sign_in(page: Page, user: str, password: str) -> None:
    page.goto("/console/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/console/**")
