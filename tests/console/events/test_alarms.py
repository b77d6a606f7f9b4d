"""Alarms: one open row for one trouble, told once, reminded, cleared, and told when cleared."""

import json
import socket
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation

from console.events import Actor
from console.events.alarms import acknowledge, clear_alarm, notifier, open_alarms, raise_alarm, register_alarm, senders
from console.events.models import Alarm, AlarmNotice, AlarmRoute, Event
from tests.counterparts.daemons import free_port
from tests.counterparts.receiver import receiver
from tests.factories.events import AlarmRouteFactory

BOSS = Actor("staff", "1", "boss")


@pytest.mark.django_db
def test_raising_again_counts_and_does_not_double():
    first = raise_alarm("channel.down", "a1", text="No answer.", severity="warning", owner="supervisor")
    again = raise_alarm("channel.down", "a1", text="Still no answer.")
    assert (again.pk, again.count, again.text) == (first.pk, 2, "Still no answer.")
    assert (again.severity, again.owner) == (first.severity, "supervisor") or again.owner == "administrator"
    assert Event.objects.filter(type="alarm.raised").count() == 1


@pytest.mark.django_db
def test_a_cleared_alarm_may_be_raised_anew():
    first = raise_alarm("channel.down", "a1")
    assert clear_alarm("channel.down", "a1")
    assert not clear_alarm("channel.down", "a1")
    second = raise_alarm("channel.down", "a1")
    assert second.pk != first.pk
    assert list(open_alarms()) == [second]


@pytest.mark.django_db
def test_the_worst_comes_first():
    raise_alarm("a", severity="info")
    raise_alarm("b", severity="critical")
    raise_alarm("c", severity="warning")
    assert [alarm.code for alarm in open_alarms()] == ["b", "c", "a"]


@pytest.mark.django_db
def test_words_come_from_the_registered_kind_in_the_readers_language():
    alarm = raise_alarm("events.dead_letter", "x", data={"consumer": "outreach.ack"})
    with translation.override("en"):
        assert "outreach.ack failed again and again" in alarm.message
    with translation.override("zh-hans"):
        assert alarm.title == "事件投递已放弃"
        assert "outreach.ack" in alarm.message


@pytest.mark.django_db
def test_a_missing_detail_never_breaks_an_alarm():
    register_alarm("tests.words", title="T", text="Lost %(what)s at %(where)s")
    assert raise_alarm("tests.words", data={"what": "it"}).message == "Lost it at –"


@pytest.mark.django_db
def test_unknown_severity_is_refused():
    with pytest.raises(ValueError, match="severity"):
        raise_alarm("a", severity="dreadful")


@pytest.mark.django_db(transaction=True)
class TestNotices:
    def test_one_mail_when_raised_and_one_when_cleared(self):
        AlarmRouteFactory(target="ops@bank.example, boss@bank.example")
        for _ in range(3):
            raise_alarm("channel.down", "a1", text="No answer.", next_step="Call the bank.")
        assert notifier.drain() == 1
        clear_alarm("channel.down", "a1")
        assert notifier.drain() == 1
        raised, cleared = mail.outbox
        assert raised.to == ["ops@bank.example", "boss@bank.example"]
        assert raised.subject == "[Huiyin] Alarm: channel.down a1"
        assert "What to do: Call the bank." in raised.body
        assert cleared.subject.startswith("[Huiyin] Cleared")
        assert "What to do" not in cleared.body

    def test_an_alarm_that_clears_within_the_grace_is_not_told(self):
        AlarmRouteFactory(grace_minutes=5)
        raise_alarm("channel.down", "a1")
        clear_alarm("channel.down", "a1")
        notifier.drain()
        assert mail.outbox == []
        assert AlarmNotice.objects.get().status == notifier.MOOT

    @pytest.mark.parametrize(
        ("route", "told"),
        [
            ({"codes": "channel.*"}, 1),
            ({"codes": "case.*"}, 0),
            ({"min_severity": 40}, 0),
            ({"owner": "supervisor"}, 0),
            ({"owner": "administrator"}, 1),
            ({"active": False}, 0),
        ],
    )
    def test_routes_choose(self, route, told):
        AlarmRouteFactory(**route)
        raise_alarm("channel.down", "a1")
        assert AlarmNotice.objects.count() == told

    def test_reminders_until_somebody_takes_it(self):
        AlarmRouteFactory(remind_minutes=30)
        alarm = raise_alarm("channel.down", "a1")
        notifier.remind()
        assert AlarmNotice.objects.count() == 1
        Alarm.objects.update(raised_at=timezone.now() - timedelta(minutes=65))
        notifier.remind()
        notifier.remind()
        assert AlarmNotice.objects.filter(kind="reminder").count() == 1
        acknowledge(alarm, BOSS)
        Alarm.objects.update(raised_at=timezone.now() - timedelta(minutes=125))
        notifier.remind()
        assert AlarmNotice.objects.filter(kind="reminder").count() == 1
        assert Event.objects.filter(type="alarm.acknowledged", actor_label="boss").exists()

    def test_a_notice_that_fails_is_tried_again(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        AlarmRouteFactory()
        raise_alarm("channel.down", "a1")
        notifier.drain()
        row = AlarmNotice.objects.get()
        assert (row.status, row.attempts) == ("pending", 1)
        assert "ConnectionRefusedError" in row.last_error

    def test_a_webhook_gets_signed_json(self, settings):
        settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
        with receiver() as there:
            AlarmRouteFactory(kind="webhook", target=there.url, secret="s3cret")
            raise_alarm("channel.down", "a1", text="No answer.")
            notifier.drain()
        assert AlarmNotice.objects.get().status == "sent", AlarmNotice.objects.get().last_error
        headers, body = there.got[0]
        stamp = int(headers["x-huiyin-signature"].split(",")[0].removeprefix("t="))
        assert headers["x-huiyin-signature"] == senders.signature("s3cret", stamp, body)
        assert json.loads(body)["code"] == "channel.down"

    def test_a_webhook_that_answers_500_is_tried_again(self, settings):
        settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
        with receiver(status=500) as there:
            AlarmRouteFactory(kind="webhook", target=there.url)
            raise_alarm("channel.down", "a1")
            notifier.drain()
        assert "500" in AlarmNotice.objects.get().last_error

    def test_syslog_gets_a_line_with_the_severity(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(5)
            AlarmRouteFactory(kind="syslog", target=f"127.0.0.1:{server.getsockname()[1]}")
            raise_alarm("channel.down", "a1", severity="critical")
            notifier.drain()
            line = server.recv(2000)
        # facility user (1) and severity crit (2)
        assert line.startswith(b"<10>huiyin: raised channel.down a1")


def test_every_way_of_a_route_has_a_sender():
    assert {kind for kind, _label in AlarmRoute.Kind.choices} == {"mail", "webhook", "syslog"}
