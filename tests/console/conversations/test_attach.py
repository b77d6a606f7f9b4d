"""Which conversation a message belongs to, and who is kept out of somebody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.channels.models import Message
from console.channels.services import send_pending
from console.channels.tokens import claimed_thread, make_token, read_token
from console.conversations.models import Conversation, Entry
from console.conversations.services import adopt, close, reply
from console.conversations.services.attaching import OTHER_ADDRESS, base_subject
from console.events import SYSTEM
from console.events.models import Event
from tests.factories.channels import AccountFactory, chat_account, message_in
from tests.factories.conversations import conversation_in

pytestmark = pytest.mark.django_db
LIN = "lin@customer.example"


def answered(conversation: Conversation, line):
    """We answer; the message as it went out."""
    reply(conversation, SYSTEM, "已受理", automatic=False)
    send_pending()
    return line.sent[-1]


def added() -> list[dict]:
    return [event.data for event in Event.objects.filter(type="conversation.message_added").order_by("created_at")]


def test_a_first_message_begins_a_conversation(account, team):
    conversation = conversation_in(account, subject="免密支付", sender=LIN)
    assert (conversation.subject, conversation.account, conversation.team) == ("免密支付", account, team)
    assert conversation.waiting_since == conversation.last_inbound_at
    assert added()[0]["is_new_conversation"] is True


@pytest.mark.parametrize("how", ["reference", "last_reference", "token", "tag", "upper_case_token"])
def test_an_answer_finds_its_thread(account, line, how):
    conversation = conversation_in(account, subject="免密支付", sender=LIN)
    sent = answered(conversation, line)
    wire = f"{sent.key}@bank.example"
    hints = {
        "reference": {"in_reply_to": wire},
        "last_reference": {"references": ["m1", "unknown@x", wire]},
        "token": {"tokens": [sent.thread_token]},
        "upper_case_token": {"tokens": [sent.thread_token.upper()]},
        "tag": {"tokens": [f"#T{conversation.pk}"]},
    }[how]
    assert conversation_in(account, "m2", sender=LIN, subject="另一件", **hints) == conversation
    assert added()[-1]["is_new_conversation"] is False


def test_an_answer_to_a_message_whose_sending_is_unknown_finds_its_thread(account, line):
    from console.plugin_api.channels import SendResult

    conversation = conversation_in(account, sender=LIN)
    line.on_send = lambda message, key: SendResult.unknown("lost")
    sent = answered(conversation, line)
    assert conversation_in(account, "m2", sender=LIN, in_reply_to=f"{sent.key}@bank.example") == conversation


def test_an_answer_to_the_customers_own_earlier_mail_finds_its_thread(account):
    conversation = conversation_in(account, "m1", sender=LIN, subject="a")
    assert conversation_in(account, "m2", sender=LIN, subject="b", in_reply_to="m1") == conversation


@pytest.mark.parametrize("how", ["reference", "token", "tag"])
def test_a_stranger_with_the_right_number_stays_outside_and_is_flagged(account, line, how):
    conversation = conversation_in(account, sender=LIN)
    sent = answered(conversation, line)
    hints = {
        "reference": {"in_reply_to": f"{sent.key}@bank.example"},
        "token": {"tokens": [sent.thread_token]},
        "tag": {"tokens": [f"T{conversation.pk}"]},
    }[how]
    other = conversation_in(account, "m2", sender="stranger@elsewhere.example", **hints)
    assert other != conversation
    assert other.flag == OTHER_ADDRESS
    assert added()[-1]["related_id"] == conversation.pk


def test_somebody_in_copy_may_answer(account, line):
    conversation = conversation_in(account, sender=LIN, people=[["cc", "wang@other.example"]])
    assert conversation_in(account, "m2", sender="wang@other.example", in_reply_to="m1") == conversation


def test_the_same_subject_again_within_days_goes_on(account):
    conversation = conversation_in(account, sender=LIN, subject="免密支付")
    assert conversation_in(account, "m2", sender=LIN, subject="回复: 免密支付") == conversation
    assert conversation_in(account, "m3", sender=LIN, subject="另一件事") != conversation
    assert conversation_in(account, "m4", sender="other@customer.example", subject="免密支付") != conversation


def test_a_closed_conversation_is_not_continued_by_chance_but_reopened_by_an_answer(account, line):
    conversation = conversation_in(account, sender=LIN, subject="免密支付")
    close(conversation, SYSTEM)
    assert conversation_in(account, "m2", sender=LIN, subject="免密支付") != conversation
    assert conversation_in(account, "m3", sender=LIN, in_reply_to="m1") == conversation
    conversation.refresh_from_db()
    assert conversation.status == "open"
    assert Event.objects.filter(type="conversation.reopened").exists()


def test_in_a_chat_people_simply_go_on_writing(line):
    chat = chat_account()
    first = conversation_in(chat, "1", sender="open-1")
    assert conversation_in(chat, "2", sender="open-1") == first
    assert conversation_in(chat_account(), "1", sender="open-1") != first


def test_automatic_mail_reopens_nothing_and_waits_for_nobody(account, line):
    conversation = conversation_in(account, sender=LIN)
    answered(conversation, line)
    close(conversation, SYSTEM)
    away = message_in(account, "m2", sender=LIN, in_reply_to="m1", automatic="auto_reply")
    assert away.entry.conversation == conversation
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == ("closed", None)
    assert Event.objects.filter(type="conversation.automatic_added").count() == 1


def test_automatic_mail_from_nowhere_begins_nothing_until_a_person_says_so(account, agent):
    news = message_in(account, "m1", automatic="list")
    assert not Entry.objects.exists()
    entry = adopt(news, agent)
    assert entry == adopt(news, agent)
    assert entry.conversation.customer == news.customer


def test_one_mail_over_two_mailboxes_is_one_entry(account):
    first = conversation_in(account, "m1")
    other = AccountFactory()
    from tests.factories.channels import take_in

    assert take_in(other, "m1").outcome == "duplicate"
    assert first.entries.count() == 1
    assert Message.objects.count() == 1


@given(st.integers(1, 10**12))
def test_a_token_says_its_thread_and_cannot_be_guessed(number):
    thread = f"t{number}"
    token = make_token(thread)
    assert read_token(token) == read_token(token.upper()) == thread
    assert read_token(f"t{number + 1}.{token.partition('.')[2]}") == ""
    assert claimed_thread(token) == ""
    assert claimed_thread(f"[#T{number}]") == thread


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: RE: 投诉", "投诉"),
        ("回复：转发: 投诉", "投诉"),
        ("[#T42] 投诉", "投诉"),
        ("Request", "request"),
        ("Re[2]: x", "x"),
    ],
)
def test_a_subject_without_what_mail_programs_put_before_it(subject, base):
    assert base_subject(subject) == base
