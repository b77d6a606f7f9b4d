"""Files a provider keeps: the message stands at once, the file follows, and no connector stops the others."""

import itertools
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from console.channels import vault
from console.channels.models import Attachment, ChannelAccount, MediaFetch, Message
from console.channels.services import fetch_again, fetch_pending, fetching, parse_pending, scanning
from console.channels.services.intake import accept
from console.events.models import Alarm, Event
from console.plugin_api.errors import AnswerLost, AuthenticationFailed, PermanentFailure, RetryLater
from console.plugin_host import contracts, runner
from tests.console.channels.plugins.wire.plugin import body
from tests.factories.channels import AGENT, message_in

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100


def picture(account, id="m1", **more):
    return message_in(account, id, media=[("ref-1", "image", "")], **more).attachments.get()


def now_due():
    MediaFetch.objects.filter(status="pending").update(
        next_attempt_at=timezone.now() - timedelta(seconds=1), lease_until=None
    )


def fetched(row):
    now_due()
    fetch_pending()
    row.refresh_from_db()
    return row


def alarms():
    return set(Alarm.objects.open().values_list("code", flat=True))


def test_the_message_stands_before_the_file_is_there(account, line):
    line.on_fetch = lambda ref: iter([PNG[:10], PNG[10:]]) if ref == "ref-1" else iter(())
    row = picture(account)
    assert (row.state, row.size, row.offered, row.name) == ("fetching", 0, False, "image")
    assert fetch_pending() == 1
    row.refresh_from_db()
    assert (row.state, row.content_type, row.name, row.size) == ("unscanned", "image/png", "image.png", len(PNG))
    assert vault.read_all(row.stored_as) == PNG
    assert fetch_pending() == 0
    event = Event.objects.get(type="attachment.fetched")
    assert (event.data["attachment_id"], event.correlation_id) == (row.pk, row.message.correlation_id)


def test_a_message_that_comes_twice_is_fetched_once(account, line):
    asked = []
    line.on_fetch = lambda ref: asked.append(ref) or [PNG]
    for _ in range(2):
        accept(account, body("m1", media=[("ref-1", "image", "x.png")]))
    parse_pending()
    accept(account, body("m1", media=[("ref-1", "image", "x.png")]))
    parse_pending()
    fetch_pending()
    assert (Message.objects.count(), Attachment.objects.count(), asked) == (1, 1, ["ref-1"])


def test_a_fetched_file_meets_the_rules_and_the_scanner(account, line, settings):
    line.on_fetch = lambda ref: [b"MZ" + bytes(300)]
    row = fetched(picture(account))
    assert (row.state, row.stored_as) == ("blocked", "")
    settings.HUIYIN_SCAN_COMMAND = "false"
    line.on_fetch = lambda ref: [PNG]
    row = fetched(picture(account, "m2"))
    assert row.state == "pending"
    scanning.scan_pending()
    row.refresh_from_db()
    assert (row.state, row.offered) == ("infected", False)


def test_what_the_provider_forgot_is_gone_and_may_be_asked_for_again(account, line):
    def forgotten(ref):
        raise PermanentFailure("40007", "invalid media_id")

    line.on_fetch = forgotten
    row = fetched(picture(account))
    assert (row.state, row.offered, bool(row.detail), alarms()) == ("gone", False, True, set())
    line.on_fetch = lambda ref: [PNG]
    assert fetched(row).state == "gone"
    assert fetch_again([row], AGENT) == 1
    row.refresh_from_db()
    assert row.state == "fetching"
    assert fetched(row).state == "unscanned"
    assert fetch_again([row], AGENT) == 0


@pytest.mark.parametrize("trouble", [RetryLater(5), AnswerLost("cut")])
def test_while_the_other_side_is_away_nothing_is_counted(account, line, trouble):
    def away(ref):
        raise trouble

    line.on_fetch = away
    row = picture(account)
    for _ in range(12):
        fetched(row)
    work = row.fetch
    assert (row.state, work.attempts, work.status) == ("fetching", 0, "pending")
    work.refresh_from_db()
    assert work.next_attempt_at > timezone.now()
    MediaFetch.objects.update(created_at=timezone.now() - timedelta(hours=5))
    fetched(row)
    assert "channels.media" in alarms()
    MediaFetch.objects.update(good_until=timezone.now() - timedelta(seconds=1))
    row = fetched(row)
    assert (row.state, row.fetch.status) == ("gone", "lost")


def raising(ref):
    raise RuntimeError("cannot read 6222021001116245702")


def hanging(ref):
    time.sleep(5)
    return [PNG]


def flooding(ref):
    return itertools.repeat(b"x" * 100_000)


def lying(ref):
    return ["text"]


@pytest.mark.parametrize("behaviour", [raising, hanging, flooding, lying])
def test_a_hostile_connector_costs_its_own_file_only(account, line, monkeypatch, behaviour):
    """Every break is counted; after seven a person is told; the next file of another account is fetched meanwhile."""
    monkeypatch.setitem(runner.BUDGETS, "fetch_media", 0.2)
    monkeypatch.setattr(contracts, "MAX_MEDIA", 1_000_000)
    other = ChannelAccount.objects.create(connector="email_wire", channel_kind="email", name="other", state="active")
    line.on_fetch = lambda ref: behaviour(ref) if ref == "ref-1" else [PNG]
    row = picture(account)
    good = message_in(other, "m9", media=[("ref-2", "image", "fine.png")]).attachments.get()
    assert fetched(row).state == "fetching"
    good.refresh_from_db()
    assert good.state == "unscanned"
    work = row.fetch
    work.refresh_from_db()
    assert (work.attempts, work.status) == (1, "pending")
    assert "6222021001116245702" not in work.last_error
    MediaFetch.objects.filter(pk=work.pk).update(attempts=2)
    fetched(row)
    assert "channels.media" in alarms()
    MediaFetch.objects.filter(pk=work.pk).update(attempts=7)
    row = fetched(row)
    work.refresh_from_db()
    assert (row.state, work.status, work.next_attempt_at) == ("gone", "lost", None)


def test_a_file_whose_fetcher_died_is_fetched_by_the_next(account, line):
    line.on_fetch = lambda ref: [PNG]
    row = picture(account)
    (held,) = fetching.claim(fetching.due().select_related("attachment", "account"), limit=1)
    assert fetch_pending() == 0
    assert fetched(row).state == "unscanned"
    before = row.stored_as
    fetching._keep(held, PNG)
    row.refresh_from_db()
    assert (row.stored_as, len(list(vault.names(-1)))) == (before, 1)


def test_refused_sign_in_stops_the_account_and_keeps_the_file_waiting(account, line):
    def refused(ref):
        raise AuthenticationFailed("40125")

    line.on_fetch = refused
    row = fetched(picture(account))
    account.refresh_from_db()
    assert (account.state, row.state) == ("auth_failed", "fetching")
    assert fetch_pending() == 0


def test_a_full_disk_keeps_the_file_waiting(account, line, monkeypatch):
    def full(*args):
        raise OSError("No space left on device")

    line.on_fetch = lambda ref: [PNG]
    row = picture(account)
    with monkeypatch.context() as broken:
        broken.setattr(vault, "write", full)
        assert fetched(row).state == "fetching"
    assert fetched(row).state == "unscanned"


def test_the_timeline_says_what_is_being_fetched(account, line):
    from console.desk.present.timeline import files_of

    row = picture(account)
    (shown,) = files_of(row.message)
    assert (shown.url, shown.icon, bool(shown.reason)) == ("", "image", True)
