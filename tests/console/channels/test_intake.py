"""Fetching and the door: stored before anything else, told to the source only afterwards."""

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.channels import door, poller, vault
from console.channels.models import ChannelAccount, Envelope, IntakeDay, Message
from console.channels.services import accept, intake, parse_pending
from console.channels.services.quarantine import NotReplayable, replay, set_aside
from console.events import SYSTEM
from console.events.models import Alarm
from console.foundation.work import drain_all
from console.plugin_api.channels import Rejected, Verified
from console.plugin_api.errors import AuthenticationFailed, RetryLater
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import AccountFactory

pytestmark = pytest.mark.django_db


def fail(error):
    def raising(*args, **kwargs):
        raise error

    return raising


def open_alarms() -> set[str]:
    return set(Alarm.objects.open().values_list("code", flat=True))


def test_a_poll_stores_then_acknowledges_and_remembers_where_it_was(account, line):
    for number in range(120):
        line.drop(f"uid-{number}", id=f"m{number}")
    assert poller.poll_account(account) == 120
    account.refresh_from_db()
    assert (account.cursor, len(line.acknowledged)) == ("120", 120)
    assert Envelope.objects.count() == 120
    day = IntakeDay.objects.get()
    assert (day.fetched, day.stored, day.repeated) == (120, 120, 0)


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(account, line, monkeypatch):
    line.drop("uid-1", id="m1")
    monkeypatch.setattr(intake, "ring", fail(OperationalError("disk full")))
    assert poller.poll_account(account) == 0
    account.refresh_from_db()
    assert (Envelope.objects.count(), account.cursor, line.acknowledged) == (0, "", [])
    assert "channels.store" in open_alarms()
    monkeypatch.undo()
    assert poller.poll_account(account) == 1
    assert "channels.store" not in open_alarms()


def test_a_lost_acknowledgement_makes_no_second_envelope(account, line):
    line.drop("uid-1", id="m1")
    line.on_acknowledge = fail(RetryLater(1))
    poller.poll_account(account)
    ChannelAccount.objects.update(cursor="")
    line.on_acknowledge = None
    assert poller.poll_account(account) == 0
    assert (Envelope.objects.count(), line.acknowledged) == (1, ["uid-1"])
    day = IntakeDay.objects.get()
    assert (day.fetched, day.stored, day.repeated) == (2, 1, 1)


def test_a_second_fetcher_leaves_a_busy_account_alone(account, line):
    line.drop("uid-1", id="m1")
    poller._take(account)
    assert poller.poll_account(ChannelAccount.objects.get(pk=account.pk)) is None


def test_trouble_shows_as_state_and_alarm_and_heals_by_itself(account, line):
    line.on_poll = fail(RetryLater(5, "connection refused"))
    for _ in range(3):
        poller.poll_account(account)
    account.refresh_from_db()
    assert (account.state, account.poll_failures) == ("degraded", 3)
    assert {"channels.fetch", "channels.account"} <= open_alarms()
    line.on_poll = None
    poller.poll_account(account)
    account.refresh_from_db()
    assert account.state == "active"
    assert not {"channels.fetch", "channels.account"} & open_alarms()


def test_a_refused_sign_in_is_a_state_of_its_own(account, line):
    line.on_poll = fail(AuthenticationFailed("535 wrong password"))
    poller.poll_account(account)
    account.refresh_from_db()
    assert (account.state, account.state_reason) == ("auth_failed", "535 wrong password")
    assert "channels.account" in open_alarms()


def test_big_bodies_lie_in_the_vault_and_come_back_whole(account):
    raw = body("m1", text="长" * 400_000)
    envelope = accept(account, raw)
    row = Envelope.objects.get(pk=envelope.pk)
    assert row.stored_as
    assert not row.raw
    assert intake.raw_of(row) == raw
    assert raw[:50] not in (vault.root() / row.stored_as).read_bytes()
    parse_pending()
    assert Message.objects.count() == 1


def test_a_rolled_back_envelope_leaves_no_file(account, monkeypatch):
    monkeypatch.setattr(intake, "_write", fail(OperationalError("locked")))
    with pytest.raises(OperationalError):
        accept(account, b"x" * 600_000)
    assert list(vault.names(-1)) == []


# The door


def post(account, raw: bytes, **more):
    return Client().post(f"/hooks/{account.uid}/", raw, content_type="application/json", **more)


def test_a_verified_call_is_stored_and_answered(account):
    response = post(account, body("m1"))
    envelope = Envelope.objects.get()
    assert (response.status_code, response["X-Reference"]) == (200, envelope.public_ref)
    assert (envelope.status, envelope.raw) == ("pending", body("m1"))
    assert envelope.headers["headers"]["content-type"] == "application/json"


def test_a_call_costs_its_own_row_and_nothing_meant_for_people(account):
    post(account, body("m1"))
    client = Client()
    client.cookies["sessionid"] = "f" * 32
    with CaptureQueriesContext(connection) as asked:
        response = client.post(f"/hooks/{account.uid}/", body("m2"), content_type="application/json")
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) == 1
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_an_address_that_is_no_account_goes_the_long_way():
    assert Client().post("/hooks/not-an-account/").status_code == 404


def test_cookies_and_authorisation_are_not_kept(account):
    post(account, body("m1"), headers={"Authorization": "Bearer secret", "X-Sign": "abc"})
    kept = Envelope.objects.get().headers["headers"]
    assert "authorization" not in kept
    assert kept["x-sign"] == "abc"


def test_a_handshake_is_answered_and_stored_nowhere(account):
    response = Client().get(f"/hooks/{account.uid}/?echo=challenge")
    assert response.content == b"challenge"
    assert not Envelope.objects.exists()


def test_a_synchronous_answer(account):
    assert post(account, body("m1", text="reply please")).content == b"thanks"


def test_a_forged_call_is_401_a_counter_and_a_sample(account):
    for _ in range(3):
        assert post(account, b"forged").status_code == 401
    sample = Envelope.objects.get()
    assert (sample.status, sample.reason) == ("rejected", "bad_signature")
    assert IntakeDay.objects.get().rejected == 3
    parse_pending()
    assert not Message.objects.exists()


def test_when_verify_falls_over_the_call_is_kept_and_can_be_replayed(account, line):
    line.on_verify = fail(ValueError("bug"))
    assert post(account, body("m1")).status_code == 200
    envelope = Envelope.objects.get()
    assert envelope.status == "unverified"
    assert "channels.unverified" in open_alarms()
    parse_pending()
    assert not Message.objects.exists()
    line.on_verify = None
    replay(envelope, SYSTEM)
    parse_pending()
    assert Message.objects.count() == 1
    assert "channels.unverified" not in open_alarms()


def test_replay_verifies_first(account, line):
    line.on_verify = fail(ValueError("bug"))
    post(account, body("m1"))
    line.on_verify = lambda envelope: Rejected(reason="stale")
    with pytest.raises(NotReplayable):
        replay(Envelope.objects.get(), SYSTEM)
    assert Envelope.objects.get().status == "rejected"


def test_a_person_may_set_an_envelope_aside(account):
    envelope = accept(account, b"poison")
    parse_pending()
    set_aside(envelope, SYSTEM, "广告,无需处理")
    assert Envelope.objects.get().outcome == "set_aside"
    assert "channels.quarantine" not in open_alarms()
    with pytest.raises(NotReplayable):
        replay(envelope, SYSTEM)


def test_when_it_cannot_be_stored_the_provider_keeps_it(account, monkeypatch):
    monkeypatch.setattr(door, "accept", fail(OperationalError("database is locked")))
    response = post(account, body("m1"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_too_big_too_many_and_unknown(account, monkeypatch):
    monkeypatch.setattr(door, "MAX_BODY", 100)
    assert post(account, b"x" * 101).status_code == 413
    monkeypatch.setattr(door, "PER_SECOND", 0)
    assert post(account, b"x").status_code == 429
    draft = AccountFactory(state="draft")
    assert post(draft, b"x").status_code == 404


def test_a_named_call_that_comes_twice_is_one_envelope(account, line):
    line.on_verify = lambda envelope: Verified(provider_ref="call-7")
    assert post(account, body("m1"))["X-Reference"] == post(account, body("m1"))["X-Reference"]
    assert Envelope.objects.count() == 1


def test_a_paused_account_still_takes_calls_in(account):
    account.state = "paused"
    account.save()
    assert post(account, body("m1")).status_code == 200


# Together


@pytest.mark.django_db(transaction=True)
def test_two_fetchers_and_two_parsers_at_once_make_each_mail_once(line):
    """Two processes fetch and parse the same mailbox without knowing of each other; a tenth of the mails is double."""
    account = AccountFactory()
    for number in range(60):
        line.drop(f"uid-{number}", id=f"m{number % 54}", sender=f"c{number % 7}@customer.example")
    errors = []

    def work():
        try:
            for _ in range(3):
                mine = ChannelAccount.objects.get(pk=account.pk)
                ChannelAccount.objects.filter(pk=account.pk).update(cursor="", poll_lease_until=None)
                poller.poll_account(mine)
                parse_pending()
        except Exception as error:  # shown below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Envelope.objects.filter(status="pending").update(next_attempt_at="2026-01-01T00:00:00Z", lease_until=None)
    parse_pending()
    assert errors == []
    assert Envelope.objects.count() == 60
    assert Message.objects.count() == 54
    assert set(Envelope.objects.values_list("status", flat=True)) == {"parsed"}
    days = IntakeDay.objects.get()
    assert days.stored == 60
    assert days.fetched == days.stored + days.repeated


@pytest.mark.django_db(transaction=True)
def test_a_call_is_stored_whatever_transaction_the_parser_holds(line):
    """The door waits for nobody: the answer comes after its own commit."""
    account = AccountFactory()
    assert post(account, body("m1")).status_code == 200
    with transaction.atomic():
        assert Envelope.objects.count() == 1
    drain_all()
    assert Message.objects.count() == 1
