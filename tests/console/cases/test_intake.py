from datetime import timedelta

import pytest
from django.utils import timezone

from console.cases import config, services
from console.cases.models import Case, CaseLink, CaseType, IntakeRule, MessageMark
from console.cases.services.base import changing
from console.cases.services.stepping import take_back
from console.conversations.models import Conversation, Entry
from console.events import emit
from console.events.models import Event
from tests.factories.cases import make_account, make_message
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(preset, team):
    account = make_account(team=team, site=team.site)
    IntakeRule.objects.create(name="mail", account=account, type=CaseType.objects.get(code="complaint"), team=team)
    config.forget()
    return account


def added(message, *, new=None, **more):
    """What the conversations room says when a message joined a conversation."""
    entry = message.entry
    first = not Entry.objects.filter(conversation=entry.conversation).exclude(pk=entry.pk).exists()
    data = {
        "conversation_id": entry.conversation_id,
        "message_id": message.pk,
        "inbound": message.inbound,
        "is_new_conversation": first if new is None else new,
        "flagged": "",
    }
    emit(f"conversation:{entry.conversation_id}", "conversation.message_added", data | more)


def came_in(account, conversation=None, **values):
    message = make_message(conversation, account=account, **values)
    added(message)
    return message


def answer(case):
    """Close a complaint the short way."""
    Case.objects.filter(pk=case.pk).update(outcome="upheld", root_cause="rules", decision="好")
    case.refresh_from_db()
    services.transition(case, "accept")
    services.transition(case, "decide")
    services.told_in_person(case, None)
    services.transition(case, "close")
    return case


def test_a_mail_becomes_a_case_of_the_rules_team(account, team):
    message = came_in(account)
    case = Case.objects.get()
    assert (case.type.code, case.team_id, case.origin_id) == ("complaint", team.pk, message.pk)
    assert case.subject == message.subject
    assert case.reached_at == message.reached_at


def test_without_a_rule_it_stays_a_conversation(account):
    came_in(make_account())
    assert not Case.objects.exists()


def test_a_rule_may_ask_for_words(account):
    rule = IntakeRule.objects.get()
    enquiry = CaseType.objects.get(code="enquiry")
    condition = {"field": "text", "op": "contains", "value": "年费"}
    IntakeRule.objects.create(name="ask", order=0, account=account, type=enquiry, condition=condition)
    IntakeRule.objects.filter(pk=rule.pk).update(order=5)
    config.forget()
    came_in(account, text="请问年费怎么收")
    came_in(account, text="请关闭免密")
    assert [case.type.code for case in Case.objects.order_by("pk")] == ["enquiry", "complaint"]


def test_a_second_message_continues_the_case(account):
    first = came_in(account)
    came_in(account, first.entry.conversation, text="补充一张截图")
    case = Case.objects.get()
    assert Event.objects.filter(stream=case.stream, type="case.customer_wrote").count() == 1


def test_a_reply_ends_waiting_for_the_customer(account):
    first = came_in(account)
    case = Case.objects.get()
    services.transition(case, "accept")
    services.transition(case, "ask_customer")
    came_in(account, first.entry.conversation)
    case.refresh_from_db()
    assert (case.state, case.turn) == ("investigating", "staff")


def test_an_automatic_reply_moves_nothing(account):
    first = came_in(account)
    case = Case.objects.get()
    services.transition(case, "accept")
    services.transition(case, "ask_customer")
    came_in(account, first.entry.conversation, automatic="auto-replied")
    case.refresh_from_db()
    assert case.state == "waiting_customer"


def test_an_automatic_mail_opens_nothing(account):
    came_in(account, automatic="auto-generated")
    assert not Case.objects.exists()


def test_a_reply_within_the_period_takes_the_case_up_again(account):
    first = came_in(account)
    case = answer(Case.objects.get())
    came_in(account, first.entry.conversation)
    case.refresh_from_db()
    assert (case.state, case.is_open, case.reopened) == ("investigating", True, 1)
    assert Case.objects.count() == 1


def test_a_late_reply_opens_a_linked_case(account):
    first = came_in(account)
    case = answer(Case.objects.get())
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=31))
    came_in(account, first.entry.conversation)
    later = Case.objects.exclude(pk=case.pk).get()
    assert CaseLink.objects.get(case=later, other=case).kind == "follow_up"


def test_a_type_may_always_link_instead(account):
    first = came_in(account)
    case = answer(Case.objects.get())
    type(case.version).objects.filter(pk=case.version_id).update(reopening="link")
    config.forget()
    came_in(account, first.entry.conversation)
    assert Case.objects.count() == 2


def test_a_weekend_voice_keeps_the_time_it_reached_us(account):
    saturday = timezone.now() - timedelta(days=2)
    came_in(account, reached_at=saturday)
    assert Case.objects.get().clocks.get(kind="decision").started_at == saturday


def test_an_old_word_does_not_turn_time_back(account):
    first = came_in(account)
    case = Case.objects.get()
    services.transition(case, "accept")
    services.transition(case, "ask_customer")
    came_in(account, first.entry.conversation, reached_at=timezone.now() - timedelta(hours=5))
    edges = [(row.started_at, row.ended_at) for row in case.intervals.all()]
    assert all(end is None or start <= end for start, end in edges)


def test_a_reply_from_another_address_is_a_case_linked_to_the_first(account):
    first = came_in(account)
    other = make_message(account=account)
    added(other, new=True, flagged="other_address", related_id=first.entry.conversation_id)
    older, newer = Case.objects.order_by("pk")
    assert CaseLink.objects.get(case=newer).other == older


def test_our_own_answer_counts_for_the_case(account, team):
    from console.channels.models import Delivery

    first = came_in(account)
    case = Case.objects.get()
    ours = make_message(first.entry.conversation, account=account, direction="out")
    now = timezone.now()
    Delivery.objects.create(
        message=ours,
        account=account,
        send_class="reply",
        key="k",
        give_up_at=now,
        correlation_id="c",
        created_by="staff:wang",
    )
    added(ours)
    case.refresh_from_db()
    assert case.turn == "customer"
    assert case.state == "investigating"
    assert case.clocks.get(kind="first_response").state == "met"


def test_an_automatic_receipt_is_no_first_response(account):
    from console.channels.models import Delivery

    first = came_in(account)
    case = Case.objects.get()
    ours = make_message(first.entry.conversation, account=account, direction="out")
    now = timezone.now()
    delivery = Delivery.objects.create(
        message=ours,
        account=account,
        send_class="service",
        key="k",
        give_up_at=now,
        correlation_id="c",
        created_by="system:outreach",
        automatic=True,
    )
    added(ours)
    services.record_notice(case, "acknowledgement", delivery)
    services.settle_delivery(delivery.pk, "accepted", now)
    states = dict(case.clocks.values_list("kind", "state"))
    assert (states["acknowledge"], states["first_response"]) == ("met", "running")


# Marks


def test_spam_stops_being_a_case_and_comes_back(account, agent):
    message = came_in(account)
    before = Case.objects.get()
    services.mark_message(message, "spam", agent)
    case = Case.objects.get()
    assert (case.is_open, case.set_aside, case.next_due_at) == (False, "spam", None)
    services.unmark_message(message, agent)
    case = Case.objects.get()
    assert (case.is_open, case.set_aside, case.state) == (True, "", "received")
    assert case.next_due_at == before.next_due_at


def test_thanks_do_not_reopen(account, agent):
    first = came_in(account)
    case = answer(Case.objects.get())
    closed_at = case.closed_at
    thanks = came_in(account, first.entry.conversation, text="谢谢!")
    services.mark_message(thanks, "thanks", agent)
    case.refresh_from_db()
    assert (case.state, case.is_open, case.reopened, case.told) == ("closed", False, 0, "told")
    assert case.closed_at == closed_at
    assert case.clocks.get(kind="decision").state == "met"


def test_undoing_thanks_reopens_after_all(account, agent):
    first = came_in(account)
    case = answer(Case.objects.get())
    thanks = came_in(account, first.entry.conversation, text="谢谢,但是还有问题")
    services.mark_message(thanks, "thanks", agent)
    services.unmark_message(thanks, agent)
    case.refresh_from_db()
    assert (case.state, case.is_open, case.reopened, case.told) == ("investigating", True, 1, "not_yet")
    assert case.clocks.get(kind="decision").state == "running"


def reminder(case):
    return services.add_task(case, "时限提醒", kind="escalation")


def test_a_reminder_goes_with_spam_and_comes_back(account, agent):
    message = came_in(account)
    task, other = reminder(Case.objects.get()), services.add_task(Case.objects.get(), "请核实")
    services.mark_message(message, "spam", agent)
    task.refresh_from_db()
    assert task.status == "cancelled"
    services.unmark_message(message, agent)
    for one in (task, other):
        one.refresh_from_db()
        assert (one.status, one.done_at) == ("open", None)


def test_a_reminder_goes_with_thanks_and_comes_back(account, agent):
    first = came_in(account)
    case = answer(Case.objects.get())
    thanks = came_in(account, first.entry.conversation, text="谢谢,但是还有问题")
    task = reminder(case)
    services.mark_message(thanks, "thanks", agent)
    task.refresh_from_db()
    assert task.status == "cancelled"
    services.unmark_message(thanks, agent)
    task.refresh_from_db()
    assert task.status == "open"


def test_an_answer_taken_back_brings_back_the_reminders_it_ended_and_no_others(account, agent):
    came_in(account)
    case = Case.objects.get()
    kept, done = reminder(case), services.add_task(case, "作废", kind="escalation")
    services.finish_task(done, agent, done=False)
    Case.objects.filter(pk=case.pk).update(outcome="upheld", root_cause="rules", decision="好")
    services.transition(case, "accept")
    services.transition(case, "decide")
    services.told_in_person(case, None)
    services.transition(case, "close", cause="delivery:7")
    kept.refresh_from_db()
    assert kept.status == "cancelled"
    with changing(case) as row:
        take_back(row, "delivery:7")
    case.refresh_from_db()
    kept.refresh_from_db()
    done.refresh_from_db()
    assert (case.is_open, kept.status, done.status) == (True, "open", "cancelled")


def test_work_done_since_is_not_taken_back(account, agent):
    first = came_in(account)
    case = Case.objects.get()
    services.transition(case, "accept")
    services.transition(case, "ask_customer")
    second = came_in(account, first.entry.conversation)
    case.refresh_from_db()
    services.transition(case, "ask_other")
    services.mark_message(second, "duplicate", agent)
    case.refresh_from_db()
    assert case.state == "waiting_other"


def test_a_case_with_another_voice_stays_one(account, agent):
    first = came_in(account)
    came_in(account, first.entry.conversation, text="还有一件事")
    services.mark_message(first, "spam", agent)
    assert Case.objects.get().is_open


def test_many_at_once_and_back(account, agent):
    messages = [came_in(account) for _ in range(3)]
    ids = [message.pk for message in messages]
    assert services.mark_messages(ids, "spam", agent).cases == 3
    assert Case.objects.filter(is_open=True).count() == 0
    assert services.mark_messages(ids, "spam", agent).messages == 3
    services.unmark_messages(ids, agent)
    assert Case.objects.filter(is_open=True).count() == 3
    assert not MessageMark.objects.exists()


def test_another_mark_replaces_the_first(account, agent):
    message = came_in(account)
    services.mark_message(message, "spam", agent)
    services.mark_message(message, "duplicate", agent)
    assert Case.objects.get().set_aside == "duplicate"
    assert MessageMark.objects.get().kind == "duplicate"


def test_marking_asks_for_the_permission(account):
    message = came_in(account)
    with pytest.raises(services.NotAllowed):
        services.mark_message(message, "spam", make_user("auditor"))


def test_a_new_voice_in_a_spam_thread_is_a_new_case(account, agent):
    first = came_in(account)
    services.mark_message(first, "spam", agent)
    came_in(account, first.entry.conversation, text="我不是垃圾邮件")
    assert Case.objects.filter(is_open=True).count() == 1


def test_conversations_stay_what_they_were(account):
    came_in(account)
    assert Conversation.objects.count() == 1
