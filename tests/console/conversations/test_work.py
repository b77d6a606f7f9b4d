"""Answering, noting, assigning, moving, reading."""

import pytest
from django.utils import timezone

from console.channels.models import Delivery
from console.channels.services import Refused, send_pending
from console.conversations import queries, tasks
from console.conversations.models import Conversation, Draft, Entry
from console.conversations.services import (
    Conflict,
    NotAllowed,
    add_note,
    assign,
    close,
    discard_draft,
    mark_read,
    mark_unread,
    move_message,
    recipients_for,
    reopen,
    reply,
    save_draft,
    undo_move,
)
from console.conversations.services.moving import CannotMove
from console.events.models import Event
from console.foundation.search import engine
from console.staff.services import hand_over
from tests.factories.channels import AGENT, draft_to, message_in, queued
from tests.factories.conversations import conversation_in
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db
LIN = "lin@customer.example"
WANG = "wang@other.example"


@pytest.fixture
def conversation(account) -> Conversation:
    return conversation_in(account, sender=LIN, subject="免密支付", text="请帮我关闭小额免密", people=[["cc", WANG]])


def addresses(recipients) -> list[tuple[str, str]]:
    return sorted((one.role, one.identity.address) for one in recipients)


def test_an_answer_goes_to_who_asked_and_stands_in_the_timeline(conversation, agent, line):
    delivery = reply(conversation, agent, "已关闭")
    assert delivery.not_before > timezone.now()
    Delivery.objects.update(next_attempt_at=timezone.now())
    send_pending()
    sent = line.sent[0]
    assert [one.address.value for one in sent.recipients] == [LIN]
    assert (sent.subject, sent.in_reply_to) == ("Re: 免密支付", "m1")
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    assert [entry.inbound for entry in conversation.entries.order_by("pk")] == [True, False]


def test_reply_all_is_a_choice(conversation):
    assert addresses(recipients_for(conversation)) == [("to", LIN)]
    assert addresses(recipients_for(conversation, "reply_all")) == [("cc", WANG), ("to", LIN)]


def test_an_answer_goes_where_the_customer_asks_for_it(account):
    conversation = conversation_in(account, sender=LIN, people=[["reply_to", "office@customer.example"]])
    assert addresses(recipients_for(conversation)) == [("to", "office@customer.example")]


def test_a_stranger_in_an_answer_is_warned_about(conversation, agent, account):
    people = draft_to(account, LIN, "stranger@press.example").recipients
    with pytest.raises(Refused) as refused:
        reply(conversation, agent, "x", recipients=people)
    assert [one.code for one in refused.value.refusals] == ["new_recipient"]
    assert reply(conversation, agent, "x", recipients=people, confirmed=["new_recipient"]).pk


def test_somebody_from_elsewhere_may_not_answer_note_assign_or_move(conversation, outsider):
    entry = conversation.entries.get()
    for forbidden in (
        lambda: reply(conversation, outsider, "x"),
        lambda: add_note(conversation, outsider, "x"),
        lambda: assign(conversation, outsider, outsider),
        lambda: move_message(entry, None, outsider),
        lambda: save_draft(conversation, outsider, "x"),
        lambda: close(conversation, outsider),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    assert queries.timeline([conversation.pk], outsider) == []


def test_a_message_any_room_sends_on_the_thread_appears_in_it(conversation, account):
    queued(account, LIN, thread=conversation.thread_ref, actor=AGENT)
    assert conversation.entries.filter(inbound=False).count() == 1


def test_drafts_survive_and_two_windows_do_not_overwrite_each_other(conversation, agent):
    first = save_draft(conversation, agent, "您好")
    second = save_draft(conversation, agent, "您好,", revision=first.revision)
    assert (second.revision, Draft.objects.count()) == (2, 1)
    with pytest.raises(Conflict) as conflict:
        save_draft(conversation, agent, "别的", revision=first.revision)
    assert conflict.value.current.body == "您好,"
    assert discard_draft(conversation, agent)


def test_an_answer_ends_its_draft(conversation, agent):
    save_draft(conversation, agent, "您好")
    save_draft(conversation, agent, "内部", kind="note")
    reply(conversation, agent, "您好")
    assert list(Draft.objects.values_list("kind", flat=True)) == ["note"]


def test_notes_are_masked_and_never_leave(conversation, agent, line):
    entry = add_note(conversation, agent, "客户电话 13800138000")
    assert "13800138000" not in entry.note.text
    send_pending()
    assert line.sent == []
    with pytest.raises(ValueError, match="text"):
        add_note(conversation, agent, "  ")


def test_assignment_is_a_line_and_an_event(conversation, agent):
    assign(conversation, agent, agent)
    assert conversation.assignee == agent
    assert conversation.entries.get(code="assigned").data["user_id"] == agent.pk
    assert Event.objects.get(type="conversation.assigned").actor_id == str(agent.pk)


def test_closing_and_opening_again(conversation, agent):
    close(conversation, agent)
    assert (conversation.status, conversation.waiting_since) == ("closed", None)
    reopen(conversation, agent)
    assert conversation.status == "open"


def test_unread_is_what_came_after_one_looked(conversation, agent, account):
    def unread() -> bool:
        return queries.with_unread(Conversation.objects.all(), agent).get(pk=conversation.pk).unread

    assert unread()
    mark_read(agent, conversation)
    assert not unread()
    message_in(account, "m2", sender=LIN, in_reply_to="m1")
    assert unread()
    mark_read(agent, conversation)
    mark_unread(agent, conversation)
    assert unread()


def test_a_message_in_the_wrong_place_is_moved_and_moved_back(conversation, agent, account):
    other = conversation_in(account, "m2", sender="zhao@customer.example")
    entry = message_in(account, "m3", sender=LIN, in_reply_to="m1").entry
    move = move_message(entry, other, agent, "张冠李戴")
    entry.refresh_from_db()
    other.refresh_from_db()
    assert entry.conversation == other
    assert other.last_message_at == entry.at
    assert conversation.entries.filter(code="message_moved").exists()
    undo_move(move, agent)
    entry.refresh_from_db()
    assert entry.conversation == conversation
    with pytest.raises(CannotMove):
        undo_move(move, agent)


def test_a_message_may_begin_a_conversation_of_its_own(conversation, agent, account):
    entry = message_in(account, "m3", sender=LIN, in_reply_to="m1", subject="另一件").entry
    move = move_message(entry, None, agent)
    assert (move.target.subject, move.target.customer) == ("另一件", conversation.customer)
    with pytest.raises(CannotMove):
        move_message(conversation.entries.filter(kind="system").first(), move.target, agent)


def test_the_timeline_costs_the_same_whatever_its_length(conversation, agent, account, django_assert_max_num_queries):
    for number in range(15):
        message_in(account, f"n{number}", sender=LIN, in_reply_to="m1", files=[["a.txt", "text/plain", "x"]])
    add_note(conversation, agent, "记一笔")
    with django_assert_max_num_queries(8):
        lines = queries.timeline([conversation.pk], agent)
    assert len(lines) == 17
    assert lines[0].author
    assert [line.kind for line in lines].count("note") == 1
    page = queries.timeline([conversation.pk], agent, before=lines[4].entry, limit=5)
    assert [line.entry for line in page] == [line.entry for line in lines[5:10]]


def test_words_are_found_inside_sentences(conversation, agent):
    add_note(conversation, agent, "已致电确认")
    while tasks.index_entries():
        pass
    message = conversation.entries.get(inbound=True).message
    assert [hit.object_id for hit in engine.search("message", "小额免密")] == [message.pk]
    note = Entry.objects.get(kind="note")
    assert [hit.object_id for hit in engine.search("note", "致电确认")] == [note.pk]


def test_who_leaves_hands_over(conversation, agent, team):
    assign(conversation, agent, agent)
    colleague = make_user("agent", team=team)
    hand_over(agent, colleague, make_user("administrator"))
    conversation.refresh_from_db()
    assert conversation.assignee == colleague
