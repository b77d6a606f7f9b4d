"""Out: once, visibly, whatever dies in between."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from console.channels.models import Delivery, Message
from console.channels.services import (
    Refused,
    TooLate,
    apply_receipt,
    cancel,
    decide_unknown,
    parse_pending,
    pump,
    release,
    send_many,
    send_pending,
    told,
)
from console.channels.services import resend as send_again
from console.channels.services.intake import accept
from console.channels.services.unknown import NoEvidence, ask_providers
from console.events import SYSTEM, subscribe
from console.events.models import Alarm, Event
from console.events.registry import unsubscribe
from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus, SendResult
from console.plugin_api.errors import AuthenticationFailed, PermanentFailure, RetryLater
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import AGENT, draft_to, queued

pytestmark = pytest.mark.django_db


def later(**passed) -> None:
    """Let time pass for everything that waits."""
    shift = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=shift, **passed)
    for delivery in Delivery.objects.filter(account__send_after__isnull=False):
        type(delivery.account).objects.filter(pk=delivery.account_id).update(send_after=shift)


def alarms() -> set[str]:
    return set(Alarm.objects.open().values_list("code", flat=True))


def fresh(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_a_message_goes_out_once_and_is_on_the_record(account, line):
    delivery = queued(account, subject="回复", text="已受理", thread="t7")
    assert send_pending() == 1
    delivery = fresh(delivery)
    assert (delivery.status, delivery.attempts, told(delivery.message)) == ("sent", 1, True)
    sent = line.sent[0]
    assert (sent.key, sent.subject, sent.text) == (delivery.key, "回复", "已受理")
    assert sent.thread_token.startswith("t7.")
    assert delivery.message.wire_id == delivery.key
    assert delivery.provider_message_id == f"{delivery.key}@bank.example"
    types = Event.objects.filter(correlation_id=delivery.correlation_id).values_list("type", flat=True)
    assert {"delivery.queued", "delivery.accepted"} <= set(types)
    assert send_pending() == 0


def test_what_is_stored_is_masked_and_what_goes_out_is_not(account, line):
    delivery = queued(account, text="请拨打 021-62345678", send_class="security_code")
    assert "62345678" not in delivery.message.text
    send_pending()
    assert "021-62345678" in line.sent[0].text
    assert fresh(delivery).payload is None


def test_it_commits_with_the_act_or_not_at_all(account):
    def act():
        with transaction.atomic():
            queued(account)
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        act()
    assert Delivery.objects.count() == Message.objects.filter(direction="out").count() == 0


def test_within_the_undo_window_it_can_be_taken_back(account, line):
    delivery = queued(account, undo_seconds=30)
    assert send_pending() == 0
    cancel(delivery, AGENT)
    later()
    assert send_pending() == 0
    assert (delivery.status, line.sent) == ("cancelled", [])
    with pytest.raises(TooLate):
        cancel(delivery, AGENT)


def test_refused_for_good_is_failed_with_an_alarm(account, line):
    line.on_send = lambda message, key: SendResult.rejected("no_such_user", "no lin@customer.example here")
    delivery = queued(account)
    send_pending()
    delivery = fresh(delivery)
    assert delivery.status == "failed"
    assert "lin@customer.example" not in delivery.reason
    assert "channels.failed" in alarms()


def test_by_hand_a_failed_message_can_be_tried_again(account, line):
    line.on_send = lambda message, key: (_ for _ in ()).throw(PermanentFailure("quota"))
    delivery = queued(account)
    send_pending()
    line.on_send = None
    assert "channels.failed" in alarms()
    send_again(delivery, AGENT)
    assert "channels.failed" not in alarms()
    send_pending()
    assert fresh(delivery).status == "sent"


def test_away_for_an_hour_loses_nothing_and_all_go_out_after(account, line):
    line.on_send = lambda message, key: (_ for _ in ()).throw(RetryLater(60, "connection refused"))
    deliveries = [queued(account, f"c{number}@customer.example") for number in range(12)]
    for _ in range(60):
        send_pending()
        later()
    assert {fresh(one).status for one in deliveries} == {"queued"}
    assert "channels.outage" in alarms()
    line.on_send = None
    later()
    for _ in range(5):
        send_pending()
    assert {fresh(one).status for one in deliveries} == {"sent"}
    assert len(line.sent) == len({message.key for message in line.sent}) == 12
    assert "channels.outage" not in alarms()


def test_while_the_other_side_is_away_it_is_not_hammered(account, line):
    tries = []
    line.on_send = lambda message, key: tries.append(key) or SendResult.retry_later(5)
    for number in range(20):
        queued(account, f"c{number}@customer.example")
    for _ in range(5):
        send_pending()
    assert len(tries) <= 3


def test_given_up_after_its_time_with_an_alarm(account, line):
    line.on_send = lambda message, key: SendResult.retry_later(5)
    delivery = queued(account, send_class="security_code")
    send_pending()
    later(give_up_at=timezone.now())
    send_pending()
    assert fresh(delivery).status == "failed"
    assert "channels.failed" in alarms()


def test_refused_sign_in_stops_the_account_and_keeps_the_mail(account, line):
    line.on_send = lambda message, key: (_ for _ in ()).throw(AuthenticationFailed("535"))
    delivery = queued(account)
    send_pending()
    account.refresh_from_db()
    assert (account.state, fresh(delivery).status) == ("auth_failed", "queued")
    assert "channels.account" in alarms()


@pytest.mark.parametrize("how", ["said", "raised"])
def test_maybe_taken_is_unknown_and_never_sent_again_by_itself(account, line, how):
    def lost(message, key):
        if how == "raised":
            raise ValueError("the line broke")
        return SendResult.unknown("lost")

    line.on_send = lost
    delivery = queued(account)
    send_pending()
    later()
    assert send_pending() == 0
    assert fresh(delivery).status == "unknown"
    assert "channels.unknown" in alarms()


def crash_in_mid_send(account, line) -> Delivery:
    """The sender dies after the connector was called and before the answer was written down."""
    delivery = queued(account, "13800138000" if account.channel_kind == "sms" else "lin@customer.example")
    row = pump._claim(account, 1)[0]
    assert pump._begin(row)
    Delivery.objects.filter(pk=row.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1), next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    return delivery


def test_a_sender_killed_in_mid_send_leaves_an_unknown(account, line):
    delivery = crash_in_mid_send(account, line)
    send_pending()
    assert fresh(delivery).status == "unknown"
    assert line.sent == []


def test_where_the_channel_drops_repeats_it_is_sent_again(sms, line):
    delivery = crash_in_mid_send(sms, line)
    send_pending()
    assert fresh(delivery).status == "sent"
    assert [message.key for message in line.sent] == [delivery.key]


def test_a_sender_killed_before_the_send_leaves_it_untouched(account, line):
    delivery = queued(account)
    pump._claim(account, 1)
    later(lease_until=timezone.now() - timedelta(seconds=1))
    send_pending()
    assert fresh(delivery).status == "sent"


def test_what_was_taken_before_its_sender_died_is_told_and_not_sent_again(account, line, monkeypatch):
    rows = [queued(account, f"c{number}@customer.example") for number in range(3)]
    monkeypatch.setattr(pump, "tell_taken", lambda rows: 1 / 0)
    send_pending()
    assert {fresh(row).status for row in rows} == {"sending"}
    monkeypatch.undo()
    later(lease_until=None)
    send_pending()
    assert {fresh(row).status for row in rows} == {"sent"}
    assert len(line.sent) == 3
    assert Event.objects.filter(type="delivery.accepted").count() == 3


def test_sent_again_by_hand_and_killed_in_mid_send_is_unknown(account, line):
    delivery = queued(account)
    send_pending()
    Delivery.objects.update(status="failed")
    send_again(fresh(delivery), AGENT)
    assert pump._begin(pump._claim(account, 1)[0])
    later(lease_until=None)
    send_pending()
    assert (fresh(delivery).status, len(line.sent)) == ("unknown", 1)


def test_the_news_of_many_costs_few_queries_beside_the_marks(account, line, django_assert_max_num_queries):
    queued(account)
    send_pending()
    for number in range(pump.CLAIM):
        queued(account, f"c{number}@customer.example")
    with django_assert_max_num_queries(35 + 2 * pump.CLAIM):
        send_pending()
    assert Event.objects.filter(type="delivery.accepted").count() == pump.CLAIM + 1


def test_news_that_cannot_be_told_holds_up_no_other(account, line, request):
    rows = [queued(account, f"c{number}@customer.example") for number in range(3)]

    def fussy(event):
        if event.data["delivery_id"] == rows[1].pk:
            raise RuntimeError("not this one")

    subscribe("delivery.accepted", "tests.fussy", fussy)
    request.addfinalizer(lambda: unsubscribe("tests.fussy"))
    send_pending()
    assert [fresh(row).status for row in rows] == ["sent", "sending", "sent"]
    unsubscribe("tests.fussy")
    later(lease_until=None)
    send_pending()
    assert (fresh(rows[1]).status, len(line.sent)) == ("sent", 3)


def test_what_bounced_before_its_news_was_told_stays_bounced(account, line):
    delivery = queued(account)
    row = pump._claim(account, 1)[0]
    assert pump._begin(row)
    pump.mark_taken(row, SendResult.accepted(f"{row.key}@bank.example"))
    receipt = DeliveryReceipt(delivery_key=row.key, status=DeliveryStatus.FAILED, code="5.1.1")
    apply_receipt(account, receipt)
    pump.tell_taken([row])
    assert fresh(delivery).status == "failed"


def test_many_are_queued_with_the_queries_of_one(account, django_assert_max_num_queries):
    drafts = [draft_to(account, f"c{number}@customer.example") for number in range(20)]
    drafts[7] = replace(drafts[7], text=" ")
    send_many(drafts[:1], SYSTEM)
    with django_assert_max_num_queries(20):
        answers = send_many(drafts, SYSTEM)
    assert [answer.refusals[0].code for answer in answers if isinstance(answer, Refused)] == ["empty"]
    assert Delivery.objects.count() == 20
    assert [answer.identity for answer in answers[:7]] == [draft.primary.identity for draft in drafts[:7]]


def test_one_batch_to_one_address_meets_the_loop_guard_too(account):
    one = replace(draft_to(account, "loop@customer.example"), automatic=True)
    answers = send_many([one] * 7, SYSTEM)
    assert [answer.status for answer in answers] == ["queued"] * 5 + ["held"] * 2


def test_unknown_is_decided_by_a_person_with_evidence(account, line):
    line.on_send = lambda message, key: SendResult.unknown("lost")
    rows = [queued(account, f"c{number}@customer.example") for number in range(3)]
    send_pending()
    with pytest.raises(NoEvidence):
        decide_unknown([rows[0].pk], "sent", " ", AGENT)
    decide_unknown([rows[0].pk, rows[1].pk], "sent", "服务商日志 10:02 已投递", AGENT)
    line.on_send = None
    decide_unknown([rows[2].pk], "resend", "服务商日志中没有", AGENT)
    assert "channels.unknown" not in alarms()
    send_pending()
    assert [fresh(one).status for one in rows] == ["sent", "sent", "sent"]
    assert fresh(rows[0]).evidence[-1]["by"].endswith("agent")
    assert len(line.sent) == 4


def test_the_provider_is_asked_where_it_can_tell(account, line):
    line.on_send = lambda message, key: SendResult.unknown("lost")
    rows = [queued(account, f"c{number}@customer.example") for number in range(2)]
    send_pending()
    line.lookups = {rows[0].key: SendResult.accepted("p1"), rows[1].key: SendResult.retry_later(1)}
    Delivery.objects.update(status_at=timezone.now() - timedelta(hours=1))
    assert ask_providers() == 2
    assert [fresh(one).status for one in rows] == ["sent", "queued"]


def test_five_automatic_messages_an_hour_and_no_more(account, line):
    rows = [queued(account, actor=SYSTEM, send_class="service") for _ in range(7)]
    assert [row.status for row in rows].count("held") == 2
    assert rows[-1].reason == "loop guard"
    assert queued(account).status == "queued"
    release(rows[-1], AGENT)
    send_pending()
    assert fresh(rows[-1]).status == "sent"


def test_no_more_senders_at_once_than_the_account_allows(account, line):
    account.send_concurrency = 2
    account.save()
    for number in range(5):
        queued(account, f"c{number}@customer.example")
    assert [len(pump._claim(account, 2)) for _ in range(3)] == [2, 2, 0]


def receipt(account, **words) -> None:
    import json

    accept(account, json.dumps(words).encode())
    parse_pending()


def test_receipts_move_the_status_forward_only(account, line):
    delivery = queued(account)
    send_pending()
    for status, expected in [
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("read", "read"),
        ("delivered", "read"),
        ("read", "read"),
    ]:
        receipt(account, receipt=status, key=delivery.key)
        assert fresh(delivery).status == expected
    assert Event.objects.filter(type="delivery.delivered").count() == 1
    assert delivery.receipts.count() == 5


def test_a_receipt_that_comes_before_the_send_returned_waits_for_it(account, line):
    delivery = queued(account)
    receipt(account, receipt="delivered", of="early-1")
    line.on_send = lambda message, key: SendResult.accepted("early-1")
    send_pending()
    assert fresh(delivery).status == "delivered"


def test_a_receipt_settles_an_unknown(account, line):
    line.on_send = lambda message, key: SendResult.unknown("lost")
    delivery = queued(account)
    send_pending()
    receipt(account, receipt="sent", of=f"{delivery.key}@bank.example")
    assert fresh(delivery).status == "sent"


def test_a_bounce_fails_the_delivery_and_rests_the_address(account, line):
    delivery = queued(account)
    send_pending()
    receipt(
        account, receipt="failed", of=f"{delivery.key}@bank.example", code="5.1.1", recipient="lin@customer.example"
    )
    delivery = fresh(delivery)
    assert (delivery.status, told(delivery.message)) == ("failed", False)
    bounced = Event.objects.get(type="delivery.bounced")
    assert bounced.data["delivery_id"] == delivery.pk
    from console.channels.services import Refused

    with pytest.raises(Refused):
        queued(account)


def test_by_hand_nothing_goes_to_a_dead_address_before_somebody_lifts_the_block(account, line):
    from console.channels.models import Suppression
    from console.channels.services import Refused
    from console.channels.services.suppression import lift

    delivery = queued(account)
    send_pending()
    receipt(account, receipt="failed", key=delivery.key, code="5.1.1", recipient="lin@customer.example")
    with pytest.raises(Refused):
        send_again(fresh(delivery), AGENT)
    lift(Suppression.objects.get(), AGENT)
    send_again(fresh(delivery), AGENT)
    assert fresh(delivery).status == "queued"


def test_a_code_whose_words_are_gone_is_never_sent_again_as_its_mask(account, line):
    delivery = queued(account, text="验证码 482913", send_class="security_code")
    send_pending()
    receipt(account, receipt="failed", key=delivery.key, code="4.2.2", recipient="lin@customer.example")
    assert fresh(delivery).status == "failed"
    with pytest.raises(TooLate):
        send_again(fresh(delivery), AGENT)


def test_a_bounce_of_a_copy_is_told_and_fails_nothing(account, line):
    from console.channels.drafts import Draft, Recipient
    from console.channels.services import send
    from tests.factories.channels import address_of

    people = (
        Recipient(address_of(account, "lin@customer.example")),
        Recipient(address_of(account, "wang@other.example"), "cc"),
    )
    delivery = send(Draft(account=account, recipients=people, text="x"), AGENT)
    send_pending()
    receipt(account, receipt="failed", key=delivery.key, code="4.2.2", recipient="wang@other.example")
    assert fresh(delivery).status == "sent"
    assert Event.objects.get(type="delivery.bounced").data["partial"] is True


def test_a_bounce_that_names_only_the_address_finds_what_was_sent_there(account, line):
    delivery = queued(account)
    send_pending()
    receipt(account, receipt="failed", recipient="lin@customer.example", code="5.1.1")
    assert fresh(delivery).status == "failed"


def test_a_receipt_for_nothing_we_know_is_kept(account):
    receipt(account, receipt="delivered", of="nobody-knows")
    assert account.receipts.get().delivery is None


def test_one_story_from_envelope_to_delivery(account, line):
    envelope = accept(account, body("m1"))
    parse_pending()
    asked = envelope.messages.get()
    delivery = queued(account, in_reply_to=asked)
    send_pending()
    assert delivery.correlation_id == envelope.correlation_id
    assert line.sent[0].in_reply_to == "m1"
    stories = set(Event.objects.filter(correlation_id=envelope.correlation_id).values_list("type", flat=True))
    assert {"message.received", "delivery.queued", "delivery.accepted"} <= stories


def test_the_story_can_be_followed_in_the_logs(account, line, caplog):
    caplog.set_level("INFO")
    envelope = accept(account, body("m1"))
    parse_pending()
    queued(account, in_reply_to=envelope.messages.get())
    send_pending()
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    mine = [one["event"] for one in told if one.get("correlation") == envelope.correlation_id]
    assert {"envelope_parsed", "delivery_accepted"} <= set(mine)
