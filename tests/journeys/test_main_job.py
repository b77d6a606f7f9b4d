"""The main job: a complaint from the first mail to a told customer, closed and on a record that verifies."""

import uuid

import pytest

from .steps import act, answer, fact, number_in, open_case, wait_for_text, wait_until_closable

WORDS = {
    "zh-hans": (
        "我要投诉：小额免密关不掉",
        "请给我关掉，并退还昨天的费用。",
        "已为您关闭，请核对。",
        "谢谢，已经关掉了。",
    ),
    "en": ("Complaint: a fee nobody told me", "Please refund the fee.", "We have refunded the fee.", "Thank you."),
}


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_complaint_from_first_mail_to_told_customer(bank, customer, desk, language, width):
    subject, text, reply, thanks = WORDS[language]
    # A word of its own: late letters about another run's case must not be taken for this one's.
    subject = f"{subject} {uuid.uuid4().hex[:8]}"
    customer.write(subject, text)
    receipt = customer.wait_for_letter(subject)
    number = number_in(receipt)
    assert receipt["Auto-Submitted"]

    page = desk("agent", language, width)
    open_case(page, number)
    assert text in page.inner_text("#timeline")
    answer(page, reply)
    letter = customer.wait_for_letter(reply)
    assert letter["References"]

    customer.write(f"Re: {subject}", thanks, answer_to=letter)
    wait_for_text(page, thanks)

    decision = f"{reply} ({number})"
    act(page, "move-decide", {"outcome": "upheld", "root_cause": "rules", "decision": decision})
    told = customer.wait_for_letter(decision)
    assert told["References"] or told["In-Reply-To"]
    wait_until_closable(page)
    act(page, "move-close")
    page.wait_for_selector("#case-head")
    assert fact(bank, number, "c.state, c.told") == "closed told"
    bank.manage("verify_audit")
