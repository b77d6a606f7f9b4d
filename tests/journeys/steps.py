"""What people do at the desk, as steps of journeys."""

import re

from tests.counterparts.daemons import wait_for

CASE_NUMBER = re.compile(r"HY-\d{4}-\d{6}")


def open_case(page, number: str) -> None:
    page.goto(f"/console/desk/cases/{number}/")
    page.wait_for_selector("#case-subject")


def answer(page, text: str) -> None:
    """Reply to the customer and see the answer in the timeline."""
    page.fill("#reply-text", text)
    page.click("#reply-form button[data-send]")
    page.wait_for_selector(f".entry .prose:has-text('{text}')")


def act(page, name: str, values: dict[str, str] | None = None) -> None:
    """Open an act's dialog from the case head, fill it, send it, wait until it is gone."""
    open_dialog(page, name)
    send_dialog(page, values)


def open_dialog(page, name: str) -> None:
    """Press the act's button, which may stand in a closed menu."""
    button = f"#case-head [hx-get*='/do/{name}/']"
    page.wait_for_selector(button, state="attached")
    # Found and pressed in one breath: the head may be exchanged at any moment.
    page.evaluate("button => document.querySelector(button).click()", button)
    page.wait_for_selector("#dialog form")


def send_dialog(page, values: dict[str, str] | None = None) -> None:
    page.wait_for_selector("#dialog form")
    for field, value in (values or {}).items():
        control = page.locator(f"#dialog [name='{field}']").first
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    page.click("#dialog form button[data-send]")
    page.wait_for_selector("#dialog form", state="detached")


def approve(page, number: str) -> None:
    """Approve, as a second person, what waits for the case."""
    page.goto("/console/desk/approvals/")
    page.locator(f".card:has-text('{number}')").locator("button[hx-get*='approve']").click()
    send_dialog(page)


def wait_for_text(page, text: str, where: str = "#timeline", seconds: float = 60) -> None:
    """Reload until the words stand there."""

    def look() -> bool:
        page.reload()
        page.wait_for_selector(where)
        return text in page.inner_text(where)

    wait_for(look, seconds, lambda: f"{text!r} is not in {page.inner_text(where)[-800:]!r}")


def wait_until_closable(page) -> None:
    """Reload until nothing is missing for closing."""

    def look() -> bool:
        page.reload()
        page.wait_for_selector("#case-head")
        return page.locator("#case-head .missing").count() == 0

    wait_for(look, 60, lambda: page.inner_text("#case-head"))


def number_in(letter) -> str:
    return CASE_NUMBER.search(letter["Subject"])[0]


def fact(bank, number: str, expression: str) -> str:
    """A fact of a case, read beside the running product."""
    program = f"from console.cases.models import *; c = Case.objects.get(number='{number}'); print({expression})"
    return bank.ask(program)
