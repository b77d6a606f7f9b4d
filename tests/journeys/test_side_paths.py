"""Where the main job leaves the straight way: more time, another address, a letter that comes back."""

from email.message import EmailMessage

import pytest

from tests.counterparts.daemons import wait_for

from .conftest import MAILBOX, Customer
from .steps import act, answer, approve, fact, number_in, open_case, wait_until_closable


def received(customer: Customer, subject: str, text: str = "请尽快处理。") -> str:
    """A complaint arrives; its number."""
    customer.write(subject, text)
    return number_in(customer.wait_for_letter(subject))


BOTH = pytest.mark.parametrize(("language", "width"), [("zh-hans", 360), ("en", 1440)])
EXTENDED = {
    "zh-hans": ("投诉：账单重复扣款", "请尽快处理。", "需要向收单机构调取凭证", "需要延长"),
    "en": (
        "Complaint: billed twice",
        "Please look into it soon.",
        "We wait for a receipt",
        "We need more time",
    ),
}


@BOTH
def test_extension_is_asked_approved_by_a_second_person_and_told(bank, customer, desk, language, width):
    subject, text, reason, told = EXTENDED[language]
    number = received(customer, subject, text)
    page = desk("agent", language, width)
    open_case(page, number)
    act(page, "move-accept")
    before = fact(bank, number, "c.clocks.get(kind='decision').due_at.date()")
    act(page, "extend", {"rule": "complex", "reason": reason})
    assert fact(bank, number, "c.clocks.get(kind='decision').due_at.date()") == before

    approve(desk("supervisor", language, width), number)
    customer.wait_for_letter(told)
    after = fact(bank, number, "(c.clocks.get(kind='decision').due_at - c.reached_at).days")
    assert int(after) in (29, 30)


def test_nobody_approves_their_own_extension(bank, customer, desk):
    number = received(customer, "投诉：年费未退")
    page = desk("supervisor")
    open_case(page, number)
    act(page, "move-accept")
    act(page, "extend", {"rule": "complex", "reason": "等待分行回复"})
    page.goto("/console/desk/approvals/")
    card = page.locator(f".card:has-text('{number}')")
    assert card.locator("button[hx-get*='approve']").count() == 0


def test_a_reply_from_another_address_is_a_case_of_its_own(bank, customer, desk, mail_house):
    mail_house.empty("agent1")
    stranger = Customer(mail_house, "agent1")
    number = received(customer, "投诉：手机银行打不开")
    page = desk("agent")
    open_case(page, number)
    answer(page, "请升级到最新版本。")
    letter = customer.wait_for_letter("请升级到最新版本")
    stranger.write("Re: 手机银行", "我用家人的邮箱回复您。", answer_to=letter)
    other = number_in(stranger.wait_for_letter("HY-"))
    assert other != number
    open_case(page, number)
    assert "我用家人的邮箱" not in page.inner_text("#timeline")


def test_a_decision_that_bounces_after_closing_reopens_telling_the_customer(bank, customer, desk, mail_house):
    number = received(customer, "投诉：积分被清零")
    page = desk("agent")
    open_case(page, number)
    act(page, "move-accept")
    act(page, "move-decide", {"outcome": "upheld", "root_cause": "rules", "decision": "积分已为您恢复。"})
    told = customer.wait_for_letter("积分已为您恢复")
    wait_until_closable(page)
    act(page, "move-close")
    assert fact(bank, number, "c.told") == "told"

    mail_house.post("", MAILBOX, bounce_of(told, customer.address))
    wait_for(lambda: fact(bank, number, "c.told") == "failed", 60)
    assert int(fact(bank, number, "c.tasks.filter(status='open').count()")) >= 1


REPORT = """\
From: Mail Delivery System <mailer-daemon@bank.test>
To: {ours}
Subject: Mail delivery failed
Message-ID: <bounce-{id}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

This message could not be delivered: mailbox unknown.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bank.test

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--cut
Content-Type: text/rfc822-headers

Message-ID: <{id}>
From: {ours}
To: {recipient}
--cut--
"""


def bounce_of(letter: EmailMessage, recipient: str) -> bytes:
    """The report a mail server sends back."""
    text = REPORT.format(ours=MAILBOX, recipient=recipient, id=letter["Message-ID"].strip("<>"))
    return text.replace("\n", "\r\n").encode()
