"""Reply windows: counted as the provider counts, never more generously, and the last answer goes to one of two."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.channels import gateway
from console.channels.models import AnswerSlot, AnswerWindow, Delivery
from console.channels.policy.facts import window_of
from console.channels.services import (
    Refused,
    cancel,
    check_send,
    decide_unknown,
    parse_pending,
    resend,
    send_many,
    send_pending,
    windows,
)
from console.channels.services.intake import accept
from console.desk.ways import rules_of
from console.plugin_api.capabilities import Capabilities, ReplyWindow
from console.plugin_api.channels import SendResult
from console.plugin_api.errors import RetryLater
from console.plugin_host import instances
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import AGENT, AccountFactory, address_of, draft_to, message_in, queued

pytestmark = pytest.mark.django_db
WHO = "o6_customer"
LEFT = "window_used_up"


@pytest.fixture
def talk(line):
    return AccountFactory(connector="talk_wire", channel_kind="talk")


def says(account, id, opens="message", **more):
    return message_in(account, id, sender=WHO, opens=opens, **more)


def window(account):
    return window_of(account, address_of(account, WHO))


def answer(account, **more):
    return queued(account, WHO, **more)


def codes(account):
    return [one.code for one in check_send(draft_to(account, WHO))]


def after_hours(hours):
    """Time passes for what was counted."""
    shift = timedelta(hours=hours)
    for row in AnswerWindow.objects.all():
        AnswerWindow.objects.filter(pk=row.pk).update(expires_at=row.expires_at - shift)
    for slot in AnswerSlot.objects.all():
        AnswerSlot.objects.filter(pk=slot.pk).update(taken_at=slot.taken_at - shift)


def test_five_answers_and_then_a_refusal_that_names_the_rule(talk, line):
    assert codes(talk) == ["window_closed"]
    says(talk, "m1")
    for _ in range(5):
        answer(talk)
    (refusal,) = check_send(draft_to(talk, WHO))
    assert (refusal.code, "5" in str(refusal.text), "48" in str(refusal.text)) == (LEFT, True, True)
    with pytest.raises(Refused):
        answer(talk)
    send_pending()
    assert (len(line.sent), window(talk).left) == (5, 0)
    says(talk, "m2")
    assert window(talk).left == 5


def test_a_menu_gives_less_and_takes_nothing_away(talk):
    says(talk, "m1", opens="menu")
    assert window(talk).left == 3
    assert window(talk).expires_at < timezone.now() + timedelta(seconds=61)
    says(talk, "m2")
    until = window(talk).expires_at
    assert (window(talk).left, until > timezone.now() + timedelta(hours=47)) == (5, True)
    for _ in range(4):
        answer(talk)
    says(talk, "m3", opens="menu")
    assert (window(talk).left, window(talk).expires_at) == (3, until)


def test_a_message_that_comes_twice_counts_once(talk):
    says(talk, "m1")
    answer(talk)
    accept(talk, body("m1", sender=WHO, opens="message"))
    parse_pending()
    assert window(talk).left == 4


def test_an_act_without_a_number_is_not_counted_down_to_nothing(talk):
    says(talk, "m1", opens="paid")
    answer(talk)
    assert codes(talk) == []
    (rule,) = [str(rule.text) for rule in rules_of(talk, None, address_of(talk, WHO))][-1:]
    assert "999" not in rule


def test_an_unknown_act_opens_nothing(talk):
    says(talk, "m1", opens="wave")
    assert (window(talk), codes(talk)) == (None, ["window_closed"])


def test_two_accounts_and_two_people_count_apart(talk, line):
    other = AccountFactory(connector="talk_wire", channel_kind="talk")
    says(talk, "m1")
    says(other, "m1")
    message_in(talk, "m2", sender="somebody else", opens="menu")
    answer(talk)
    assert (window(talk).left, window(other).left) == (4, 5)
    assert window_of(talk, address_of(talk, "somebody else")).left == 3


def test_what_certainly_was_not_taken_is_given_back_once(talk, line):
    says(talk, "m1")
    taken_back = answer(talk, undo_seconds=60)
    assert window(talk).left == 4
    cancel(taken_back, AGENT)
    assert window(talk).left == 5
    line.on_send = lambda message, key: SendResult.rejected("40003")
    refused = answer(talk)
    send_pending()
    assert window(talk).left == 5
    windows.give_back(refused)
    assert window(talk).left == 5
    line.on_send = None
    refused.refresh_from_db()
    resend(refused, AGENT)
    send_pending()
    assert (window(talk).left, len(line.sent)) == (4, 2)


def test_what_may_have_been_taken_stays_counted_until_somebody_knows(talk, line):
    says(talk, "m1")
    line.on_send = lambda message, key: SendResult.unknown()
    row = answer(talk)
    send_pending()
    assert window(talk).left == 4
    decide_unknown([row.pk], "not_sent", "the provider's log", AGENT)
    assert window(talk).left == 5
    row = answer(talk)
    send_pending()
    decide_unknown([row.pk], "sent", "the provider's log", AGENT)
    assert window(talk).left == 4


def test_what_waits_stays_counted(talk, line):
    def busy(message, key):
        raise RetryLater(1)

    says(talk, "m1")
    line.on_send = busy
    row = answer(talk)
    send_pending()
    row.refresh_from_db()
    assert (row.status, window(talk).left) == ("queued", 4)


def test_a_window_that_ends_while_the_answer_waits_is_not_tried(talk, line):
    says(talk, "m1")
    row = answer(talk)
    after_hours(49)
    send_pending()
    row.refresh_from_db()
    assert (row.status, row.reason, line.sent) == ("failed", "window_closed", [])
    with pytest.raises(Refused):
        resend(row, AGENT)
    row.refresh_from_db()
    assert row.status == "failed"


@pytest.mark.parametrize(("code", "refused"), [("window_closed", "window_closed"), ("window_used_up", LEFT)])
def test_the_providers_count_is_believed_over_ours(talk, line, code, refused):
    says(talk, "m1")
    line.on_send = lambda message, key: SendResult.rejected(code)
    answer(talk)
    send_pending()
    assert codes(talk) == [refused]


def test_answers_queued_before_we_read_of_the_act_count_against_it(talk, line):
    """The customer wrote again, we answered their first message, and only then was the second read."""
    says(talk, "m1")
    identity = address_of(talk, WHO)
    at = timezone.now()
    answer(talk)
    windows.note_act(talk.pk, identity.address_hash, 5, at, at + timedelta(hours=48))
    assert window(talk).left == 4


def test_many_drafts_to_one_address_share_what_is_left(talk):
    says(talk, "m1", opens="menu")
    answers = send_many([draft_to(talk, WHO, text=f"第{number}条") for number in range(5)], AGENT)
    assert [isinstance(one, Delivery) for one in answers].count(True) == 3
    assert {refusal.code for one in answers if isinstance(one, Refused) for refusal in one.refusals} == {LEFT}
    assert (window(talk).left, Delivery.objects.count(), AnswerSlot.objects.count()) == (0, 3, 3)


def test_what_its_transaction_undoes_is_not_counted(talk):
    says(talk, "m1")

    def act():
        with transaction.atomic():
            answer(talk)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert (window(talk).left, AnswerSlot.objects.exists()) == (5, False)


def test_the_composer_says_what_is_left(talk):
    identity = address_of(talk, WHO)

    def said():
        rule = rules_of(talk, None, identity)[-1]
        return str(rule.text), rule.tone

    assert said()[1] == "amber"
    says(talk, "m1")
    assert "5" in said()[0]
    for _ in range(4):
        answer(talk)
    assert ("1" in said()[0], said()[1]) == (True, "amber")
    answer(talk)
    assert said()[1] == "red"
    after_hours(49)
    assert said()[1] == "red"


def test_old_windows_are_forgotten(talk):
    says(talk, "m1")
    answer(talk)
    after_hours(24 * 9)
    windows.forget_old()
    assert not AnswerWindow.objects.exists()


def test_an_account_may_narrow_its_windows_and_not_widen_them():
    wide = Capabilities(reply_windows=(ReplyWindow(act="message", seconds=100, answers=5),))

    def asked(*rules):
        return instances._narrowest(wide, Capabilities(reply_windows=rules)).reply_windows

    narrow = ReplyWindow(act="message", seconds=50, answers=2)
    assert asked(narrow) == (narrow,)
    for other in [(), (ReplyWindow(act="message", seconds=100),), (ReplyWindow(act="menu", seconds=1, answers=1),)]:
        assert asked(*other) == wide.reply_windows
    assert gateway.unpack(gateway.pack(wide, Capabilities(reply_windows=(narrow,)))) == {"reply_windows": (narrow,)}


class Provider:
    """The provider's own count, as its documents tell it: acts do not add up, what it took is gone."""

    def __init__(self):
        self.left, self.until = 0, -1.0

    def act(self, at, answers, seconds):
        live = self.until > at
        self.left = max(self.left, answers) if live else answers
        self.until = max(self.until, at + seconds) if live else at + seconds

    def takes(self):
        self.left -= 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("act"), st.sampled_from([("message", 5, 172_800), ("menu", 3, 60)])),
        st.tuples(st.just("send"), st.sampled_from(["taken", "refused", "open"])),
        st.tuples(st.just("learn"), st.booleans()),
        st.tuples(st.just("wait"), st.sampled_from([1, 59, 61, 3600, 172_801])),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_we_never_count_more_generously_than_the_provider(talk, monkeypatch, steps):
    """Whatever is done in whatever order: never more than the provider would take, and the same once all is known."""
    start, elapsed = timezone.now(), 0.0
    with transaction.atomic():
        provider, waiting = Provider(), []
        address, numbers = next(addresses), itertools.count()
        identity = address_of(talk, address)
        with monkeypatch.context() as clock:
            clock.setattr(windows.timezone, "now", lambda: start + timedelta(seconds=elapsed))
            for step, what in steps:
                elapsed += 1
                if step == "wait":
                    elapsed += what
                elif step == "act":
                    _, answers, seconds = what
                    at = windows.timezone.now()
                    windows.note_act(talk.pk, identity.address_hash, answers, at, at + timedelta(seconds=seconds))
                    provider.act(elapsed, answers, seconds)
                elif step == "send":
                    send_one(talk, identity, what, provider, waiting, numbers, elapsed)
                elif waiting:
                    slot, was_taken = waiting.pop(0)
                    if not was_taken:
                        windows.give_back(slot)
                row = window_of(talk, identity)
                ours = row.left if row and row.expires_at > windows.timezone.now() else 0
                theirs = provider.left if provider.until > elapsed else 0
                pending = sum(not taken for _, taken in waiting)
                assert theirs - pending <= ours <= theirs
        transaction.set_rollback(True)


addresses = (f"o6_{number}" for number in itertools.count())


def send_one(talk, identity, fate, provider, waiting, numbers, elapsed):
    """One answer: taken at once, refused at once, or (the provider refused it) known only later."""
    row = windows.take(talk.pk, identity.address_hash)
    if row is None:
        assert provider.left <= sum(not taken for _, taken in waiting) or provider.until <= elapsed
        return
    assert provider.left > 0
    delivery = bare_delivery(talk, identity, next(numbers))
    windows.assign(row, delivery)
    if fate == "taken":
        provider.takes()
    elif fate == "refused":
        windows.give_back(delivery)
    else:
        waiting.append((delivery, False))


def bare_delivery(talk, identity, number):
    from console.channels.models import Message

    now = timezone.now()
    message = Message.objects.create(account=talk, identity=identity, customer=identity.customer, direction="out")
    return Delivery.objects.create(
        message=message, account=talk, identity=identity, send_class="reply", key=f"{number}", give_up_at=now
    )


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_once_and_one_answer_left(talk):
    says(talk, "m1")
    for _ in range(4):
        answer(talk)
    drafts = [draft_to(talk, WHO, text=f"{who}") for who in "ab"]
    ready, answers = threading.Barrier(2, timeout=20), []

    def work(draft):
        try:
            check = check_send(draft)
            ready.wait()
            answers.append((check, send_many([draft], AGENT)[0]))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [check for check, _ in answers] == [[], []]
    assert sorted(type(one).__name__ for _, one in answers) == ["Delivery", "Refused"]
    assert (window(talk).left, Delivery.objects.count()) == (0, 5)
