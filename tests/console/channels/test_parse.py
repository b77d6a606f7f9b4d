"""Stored envelopes become messages, once, whatever else is in the batch."""

import pytest
from django.db import OperationalError

from console.channels.models import Arrival, Envelope, Message
from console.channels.services import accept, parse_pending, parsing, replay, storing
from console.events import SYSTEM
from console.events.models import Alarm, Event
from console.plugin_host.models import PluginRun
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import AccountFactory, sms_account, take_in

pytestmark = pytest.mark.django_db


def test_a_mail_becomes_a_message_with_its_people(account):
    envelope = take_in(
        account, "m1", subject="投诉", text="请处理", people=[["to", account.address], ["cc", "wang@other.example"]]
    )
    message = envelope.messages.get()
    assert (envelope.status, envelope.outcome, message.subject, message.text) == ("parsed", "message", "投诉", "请处理")
    assert message.correlation_id == envelope.correlation_id
    assert sorted(message.participants.values_list("role", "own")) == [("cc", False), ("from", False), ("to", True)]
    assert message.customer.is_provisional


def test_numbers_are_masked_everywhere_but_in_the_envelope(account):
    card = "6222021001116245702"
    envelope = take_in(account, "m1", text=f"我的卡号 {card}", html=f"<p>卡号 <b>{card}</b></p><script>x()</script>")
    message = envelope.messages.get()
    assert card not in message.text + message.html
    assert "[卡号 ****5702]" in message.text
    assert "script" not in message.html
    assert message.masked
    assert card.encode() in envelope.raw


def test_one_poison_envelope_never_stops_the_batch(account):
    bodies = [body("a"), b"poison 6222021001116245702", body("b")]
    envelopes = [accept(account, raw) for raw in bodies]
    parse_pending()
    states = [Envelope.objects.get(pk=one.pk).status for one in envelopes]
    assert states == ["parsed", "quarantined", "parsed"]
    put_aside = Envelope.objects.get(pk=envelopes[1].pk)
    assert "ValueError" in put_aside.reason
    assert "Traceback" in put_aside.traceback
    assert "6222021001116245702" not in put_aside.traceback + put_aside.reason
    assert Alarm.objects.open().filter(code="channels.quarantine").exists()
    assert Event.objects.filter(type="envelope.quarantined", correlation_id=put_aside.correlation_id).exists()


def test_what_cannot_be_stored_stands_alone(account, monkeypatch):
    """A fault of our own code in one message quarantines that one; the rest of the batch is stored."""
    real = storing.emit_many

    def picky(news):
        news = list(news)
        bad = Message.objects.filter(text="bad").values_list("pk", flat=True)
        if any(item.data.get("message_id") in bad for item in news):
            raise RuntimeError("a listener fell over 13800138000")
        return real(news)

    monkeypatch.setattr(storing, "emit_many", picky)
    for number in range(5):
        accept(account, body(f"m{number}", text="bad" if number == 2 else "good"))
    parse_pending()
    assert Message.objects.count() == 4
    aside = Envelope.objects.get(status="quarantined")
    assert "13800138000" not in aside.traceback + aside.reason


def test_replay_makes_the_message_that_was_missing_and_heals_the_alarm(account, monkeypatch):
    monkeypatch.setattr(parsing, "prepare", lambda *args: 1 / 0)
    accept(account, body("m1"))
    parse_pending()
    aside = Envelope.objects.get(status="quarantined")
    monkeypatch.undo()
    replay(aside, SYSTEM)
    parse_pending()
    assert Message.objects.get().envelope == aside
    assert not Alarm.objects.open().filter(code="channels.quarantine").exists()


def test_the_same_mail_twice_is_one_message(account):
    first, second = take_in(account, "m1"), take_in(account, "m1")
    assert Message.objects.count() == 1
    assert (first.outcome, second.outcome) == ("message", "duplicate")
    assert Event.objects.filter(type="message.received").count() == 1


def test_the_same_mail_twice_in_one_batch_is_one_message(account):
    for _ in range(3):
        accept(account, body("m1"))
    parse_pending()
    assert Message.objects.count() == 1
    assert sorted(Envelope.objects.values_list("outcome", flat=True)) == ["duplicate", "duplicate", "message"]


@pytest.mark.parametrize("together", [True, False])
def test_one_mail_over_two_mailboxes_is_one_message_with_two_arrivals(account, together):
    other = AccountFactory()
    accept(account, body("m1"))
    if not together:
        parse_pending()
    accept(other, body("m1"))
    parse_pending()
    message = Message.objects.get()
    assert set(message.arrivals.values_list("account_id", flat=True)) == {account.pk, other.pk}
    assert message.arrivals.filter(first=True).count() == 1


def test_ids_of_a_channel_that_counts_per_account_do_not_meet(line):
    for one in (sms_account(), sms_account()):
        take_in(one, "1", sender="13800138000")
    assert Message.objects.count() == 2
    assert Arrival.objects.filter(first=True).count() == 2


def test_a_message_from_our_own_address_is_a_loop(account):
    envelope = take_in(account, "m1", sender=account.address.replace("@", "+t4@"))
    assert envelope.outcome == "automatic"
    assert envelope.messages.get().automatic == "loop"
    assert Event.objects.filter(type="message.automatic").count() == 1


def test_a_house_that_is_unwell_postpones_and_blames_nobody(account, monkeypatch):
    monkeypatch.setattr(parsing, "store", lambda batch: (_ for _ in ()).throw(OperationalError("disk full")))
    envelope = take_in(account, "m1")
    assert (envelope.status, envelope.attempts, envelope.last_error) == ("pending", 0, "OperationalError")
    monkeypatch.undo()
    Envelope.objects.update(next_attempt_at=envelope.received_at)
    parse_pending()
    assert Message.objects.count() == 1


def test_an_envelope_that_kills_its_worker_is_taken_alone_and_put_aside_at_last(account):
    killer, innocent = accept(account, body("k")), accept(account, body("i"))
    Envelope.objects.filter(pk=killer.pk).update(attempts=parsing.MAX_ATTEMPTS)
    parse_pending()
    assert Envelope.objects.get(pk=killer.pk).status == "quarantined"
    assert Envelope.objects.get(pk=innocent.pk).status == "parsed"


def test_a_plugin_that_is_away_lets_envelopes_wait(account):
    account.connector = "nobody"
    account.save()
    envelope = take_in(account, "m1")
    assert (envelope.status, envelope.attempts) == ("pending", 0)
    assert PluginRun.objects.count() == 0


def test_a_notice_is_on_the_record_and_no_message(account):
    envelope = accept(account, b'{"notice": "quota"}')
    parse_pending()
    envelope.refresh_from_db()
    assert envelope.outcome == "notice"
    assert Event.objects.get(type="channel.notice").data["kind"] == "quota"


def test_two_messages_in_one_envelope(account):
    accept(account, b"[" + body("a") + b"," + body("b") + b"]")
    parse_pending()
    assert Message.objects.count() == 2
    assert Envelope.objects.get().items == 2


def test_a_batch_costs_the_same_queries_whatever_its_size(account, django_assert_max_num_queries):
    for number in range(20):
        accept(account, body(f"m{number}", sender="lin@customer.example"))
    take_in(account, "known", sender="lin@customer.example")
    for number in range(20, 40):
        accept(account, body(f"m{number}", sender="lin@customer.example"))
    with django_assert_max_num_queries(30):
        parse_pending()
