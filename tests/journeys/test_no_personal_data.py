"""A case from first mail to closed, and everything going wrong beside it; then whatever was written is searched."""

import urllib.error
import urllib.parse
import urllib.request
import uuid

from tests.counterparts.daemons import wait_for

from .steps import act, answer, number_in, open_case, wait_until_closable

NAME, PHONE, CARD, IDENTITY = "林晓婉", "13812345679", "6222021001116245702", "11010519491231002X"
STORY, ANSWER, DECISION = "昨天在柜台被多收了手续费", "已请网点核对流水", "手续费已原路退回"
KEPT_FOR_OPERATORS = {
    "envelopes": "SELECT reason, traceback, last_error FROM channels_envelope",
    "deliveries of events": "SELECT last_error FROM events_eventdelivery",
    "events": "SELECT type, stream, body FROM events_event",
    "alarms": "SELECT code, key, text, CAST(params AS TEXT) FROM events_alarm",
    "plugin runs": "SELECT error, message, trace FROM plugin_host_pluginrun",
    "accounts": "SELECT state_reason, health_detail FROM channels_channelaccount",
    "duties": "SELECT last_error FROM foundation_periodic",
}


def test_logs_and_reports_hold_no_person(bank, customer, desk, mail_house):
    number = the_main_job(bank, customer, desk)
    pages = [a_page_that_breaks(bank, number), *a_letter_that_cannot_be_stored(bank, customer)]
    texts = {name: "\n".join(str(row) for row in bank.sql(query)) for name, query in KEPT_FOR_OPERATORS.items()}
    texts["log"] = (bank.home / "product.log").read_text()
    texts["metrics"] = urllib.request.urlopen(f"{bank.url}/metrics").read().decode()
    texts["error pages"] = "\n".join(pages)
    # The queue pickles exceptions, words and all: ours never reach it.
    assert bank.sql("SELECT name FROM django_q_task WHERE NOT success") == []
    assert "ProgrammingError" in texts["log"]
    assert "ProgrammingError" in texts["envelopes"]

    needles = [NAME, PHONE, CARD, IDENTITY, STORY, ANSWER, DECISION, customer.address]
    needles += [urllib.parse.quote(needle) for needle in needles] + [ascii(NAME)[1:-1], ascii(STORY)[1:-1]]
    assert [(place, needle) for place, text in texts.items() for needle in needles if needle in text] == []


def the_main_job(bank, customer, desk) -> str:
    subject = f"{NAME}的投诉 {uuid.uuid4().hex[:6]}"
    customer.write(subject, f"我是{NAME}，电话{PHONE}，卡号{CARD}，身份证{IDENTITY}。{STORY}。")
    number = number_in(customer.wait_for_letter(subject))
    page = desk("agent")
    open_case(page, number)
    page.goto(f"{bank.url}/console/desk/?{urllib.parse.urlencode({'q': NAME})}")
    open_case(page, number)
    # Refused by name: the link does not lead to the bank.
    page.fill("#reply-text", f"{NAME}，您的卡{CARD}请到 https://refund.example.net/ 核对")
    page.click("#reply-form button[data-send]")
    page.wait_for_selector("#refusals .notice")
    answer(page, ANSWER)
    act(page, "move-decide", {"outcome": "upheld", "root_cause": "rules", "decision": DECISION})
    customer.wait_for_letter(DECISION)
    wait_until_closable(page)
    act(page, "move-close")
    page.wait_for_selector("#case-head")
    return number


def a_page_that_breaks(bank, number: str) -> str:
    """A table is missing while somebody searches the help centre by name."""
    bank.sql("ALTER TABLE foundation_searchdocument RENAME TO gone")
    try:
        query = urllib.parse.urlencode({"q": f"{NAME} {STORY}", "query": f"{NAME} {STORY}"})
        for path in ("/search/", "/help/search/", "/"):
            try:
                urllib.request.urlopen(f"{bank.url}{path}?{query}", timeout=20)
            except urllib.error.HTTPError as refused:
                if refused.code == 500:
                    return refused.read().decode()
    finally:
        bank.sql("ALTER TABLE gone RENAME TO foundation_searchdocument")
    raise AssertionError("no page broke")


def a_letter_that_cannot_be_stored(bank, customer) -> list[str]:
    """Our own code fails on it, with all it says in hand: it is put aside with a reason."""
    quarantined = "SELECT reason FROM channels_envelope WHERE status = 'quarantined'"
    bank.sql("ALTER TABLE channels_messageparticipant RENAME TO gone")
    try:
        customer.write(f"{NAME}再次来信", f"{STORY}，电话{PHONE}。")
        wait_for(lambda: bank.sql(quarantined), 60)
    finally:
        bank.sql("ALTER TABLE gone RENAME TO channels_messageparticipant")
    return [reason for (reason,) in bank.sql(quarantined)]
