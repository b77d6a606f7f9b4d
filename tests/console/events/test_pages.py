"""The hub's pages and the API of this room."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.utils import quote
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIRequestFactory, force_authenticate

from console.events import Actor, emit, queries
from console.events.api import EventViewSet
from console.events.models import Alarm, AlarmRoute, Event, EventDelivery, Seal
from console.events.services.seals import seal_all
from tests.factories.events import AlarmFactory, AlarmRouteFactory, DeadDeliveryFactory
from tests.factories.staff import TeamFactory, UserFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return UserFactory(username="boss", is_staff=True, is_superuser=True, language="en")


@pytest.fixture
def admin(client, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def log():
    emit("case:1", "case.opened", {"case_id": 1}, actor=Actor("staff", "7", "wang"), correlation_id="c1")
    emit("case:1", "case.closed", {"case_id": 1})
    emit("channel:1", "channel.down", {})


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        ({}, 3),
        ({"stream": "case:1"}, 2),
        ({"stream": "case:*"}, 2),
        ({"stream": "case:"}, 0),
        ({"type": "case.*"}, 2),
        ({"type": "*"}, 3),
        ({"type": "case.opened"}, 1),
        ({"actor": "staff:7"}, 1),
        ({"actor": "staff:wang"}, 1),
        ({"actor": "wang"}, 1),
        ({"actor": "system"}, 2),
        ({"correlation_id": "c1"}, 1),
    ],
)
def test_browsing(log, ask, found):
    assert queries.browse(**ask).count() == found


def test_browsing_by_time_uses_the_key(log):
    now = timezone.now()
    assert queries.browse(since=now - timedelta(minutes=1), until=now + timedelta(minutes=1)).count() == 3
    assert queries.browse(since=now + timedelta(minutes=1)).count() == 0
    assert [event.type for event in queries.of_stream("case:1")] == ["case.opened", "case.closed"]
    assert queries.of_story("").count() == 0


def test_the_log_is_shown_and_cannot_be_changed(admin, log):
    page = admin.get(reverse("admin:events_event_changelist"), {"of_type": "case.*", "since": "2020-01-01"})
    assert page.content.decode().count("case:1") >= 2
    assert "channel:1" not in page.content.decode().split("result_list")[-1]
    event = Event.objects.first()
    url = reverse("admin:events_event_change", args=[event.pk])
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"type": "x"}).status_code == 403
    assert admin.get(reverse("admin:events_event_add")).status_code == 403


def test_a_date_that_is_none_is_ignored(admin, log):
    assert admin.get(reverse("admin:events_event_changelist"), {"since": "yesterday?"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_seals_and_streams_are_shown(admin, log):
    seal_all()
    for name in ("seal", "streamhead"):
        assert admin.get(reverse(f"admin:events_{name}_changelist")).status_code == 200
    assert admin.get(reverse("admin:events_seal_change", args=[Seal.objects.get().pk])).status_code == 200


def test_dead_deliveries_are_replayed_from_the_list_with_a_reason(admin):
    rows = [DeadDeliveryFactory(consumer="a.b"), DeadDeliveryFactory(consumer="a.b")]
    chosen = {"action": "replay", "_selected_action": [row.pk for row in rows]}
    asked = admin.post(reverse("admin:events_eventdelivery_changelist"), chosen)
    assert asked.status_code == 302
    page = admin.get(asked.url)
    assert page.status_code == 200
    data = {"what": "replay", "ids": ",".join(str(row.pk) for row in rows)}
    url = reverse("admin:events_eventdelivery_decide")
    assert admin.post(url, data | {"reason": ""}).status_code == 200
    assert EventDelivery.objects.dead().count() == 2
    assert admin.post(url, data | {"ids": "1;2", "reason": "x"}).status_code == 200
    assert admin.post(url, data | {"reason": "the bank is back"}).status_code == 302
    assert EventDelivery.objects.filter(status="pending", decided_by="staff:boss").count() == 2


def test_deciding_is_closed_to_auditors(client):
    client.force_login(make_user("auditor", is_staff=True))
    assert client.get(reverse("admin:events_eventdelivery_decide")).status_code in (302, 403)


def test_an_alarm_is_taken_in_the_hub(admin):
    alarm = AlarmFactory()
    chosen = {"action": "take", "_selected_action": [alarm.pk]}
    assert admin.post(reverse("admin:events_alarm_changelist"), chosen).status_code == 302
    assert Alarm.objects.get().acknowledged_by == "staff:boss"
    assert admin.get(reverse("admin:events_alarm_change", args=[alarm.pk])).status_code == 200
    for state in ("open", "resting", "cleared"):
        assert admin.get(reverse("admin:events_alarm_changelist"), {"state": state}).status_code == 200


@pytest.fixture
def words(monkeypatch):
    """Two kinds of alarm: one that is watched, one that a person has to close."""
    from console.events.alarms import registry

    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
    registry.register_alarm("test.watched", title="Watched")
    registry.register_alarm(
        "test.by_hand",
        title="By hand",
        text="%(about)s has something",
        name_of=lambda key: f"Mailbox {key}",
        link_to=lambda key: f"/console/somewhere/{key}/",
        by_hand=True,
    )


def test_only_an_alarm_that_nothing_heals_is_closed_by_a_person_who_says_what_was_done(admin, words):
    watched, by_hand = AlarmFactory(code="test.watched"), AlarmFactory(code="test.by_hand", key="7")
    chosen = {"action": "close", "_selected_action": [watched.pk, by_hand.pk]}
    asked = admin.post(reverse("admin:events_alarm_changelist"), chosen)
    assert admin.get(asked.url).status_code == 200
    url, data = reverse("admin:events_alarm_close"), {"ids": f"{watched.pk},{by_hand.pk}"}
    assert admin.post(url, data | {"reason": " "}).status_code == 200
    assert Alarm.objects.open().count() == 2
    assert admin.post(url, data | {"reason": "told the customer by telephone 13800138000"}).status_code == 302
    assert [alarm.code for alarm in Alarm.objects.open()] == ["test.watched"]
    by_hand.refresh_from_db()
    assert by_hand.closed_by == "staff:boss"
    assert "13800138000" not in by_hand.closing_note
    assert Event.objects.get(type="alarm.closed").data["code"] == "test.by_hand"


def test_closing_is_for_who_handles_alarms(client):
    client.force_login(make_user("auditor", is_staff=True))
    assert client.get(reverse("admin:events_alarm_close")).status_code in (302, 403)


def test_every_page_of_the_hub_shows_what_is_wrong_by_name_with_the_way_there(admin, words):
    cache.clear()
    AlarmFactory(code="test.by_hand", key="7")
    for page in ("events_event", "channels_envelope"):
        shown = admin.get(reverse(f"admin:{page}_changelist")).content.decode()
        assert "Mailbox 7 has something" in shown
        assert "/console/somewhere/7/" in shown
    cache.clear()


ROUTE = {
    "name": "ops",
    "kind": "webhook",
    "target": "https://hooks.bank.example/x",
    "secret": "s3cret",
    "language": "en",
    "min_severity": 20,
    "codes": "*",
    "grace_minutes": 0,
    "remind_minutes": 0,
    "active": "on",
}


def test_a_routes_secret_is_written_and_never_shown(admin):
    assert admin.post(reverse("admin:events_alarmroute_add"), ROUTE).status_code == 302
    route = AlarmRoute.objects.get()
    assert route.secret == "s3cret"
    url = reverse("admin:events_alarmroute_change", args=[route.pk])
    page = admin.get(url)
    assert b"s3cret" not in page.content
    kept = page.context["adminform"].form.initial["secret"]
    assert admin.post(url, ROUTE | {"secret": kept, "codes": "case.*"}).status_code == 302
    route.refresh_from_db()
    assert (route.secret, route.codes) == ("s3cret", "case.*")


@pytest.mark.parametrize(
    ("kind", "target"),
    [("mail", "nobody"), ("webhook", "ftp://x"), ("webhook", "nowhere"), ("syslog", "host:port"), ("syslog", ":514")],
)
def test_a_target_must_fit_its_way(admin, kind, target):
    answer = admin.post(reverse("admin:events_alarmroute_add"), ROUTE | {"kind": kind, "target": target})
    assert answer.status_code == 200
    assert not AlarmRoute.objects.exists()


def call(user, **ask):
    request = APIRequestFactory().get("/api/v1/events/", ask)
    force_authenticate(request, user)
    answer = EventViewSet.as_view({"get": "list"})(request)
    answer.render()
    return answer.status_code, json.loads(answer.content)


def test_the_api_reads_the_log(boss, log):
    status, body = call(boss, stream="case:*", actor="staff:7")
    assert status == 200
    event = body["results"][0]
    assert (event["type"], event["data"], event["actor"]["label"]) == ("case.opened", {"case_id": 1}, "wang")
    assert len(call(boss, limit=2)[1]["results"]) == 2


def test_the_api_refuses_agents_and_bad_times(boss, log):
    assert call(make_user("agent"))[0] == 403
    assert call(boss, since="soon")[0] == 400
    assert call(make_user("auditor"))[0] == 200
    assert AlarmRouteFactory().active


@pytest.mark.django_db(transaction=True)
def test_an_auditor_verifies_the_log_and_one_stream(client, log):
    client.force_login(make_user("auditor", language="en"))
    whole = client.get(reverse("admin:events_seal_verify_all"), follow=True).content.decode()
    assert "The log is whole" in whole
    one = client.get(reverse("admin:events_streamhead_verify_one", args=[quote("case:1")]), follow=True)
    assert "The log is whole: 2 events in 1 streams" in one.content.decode()


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_the_log_is_closed_to_others(client, role):
    client.force_login(make_user(role, team=TeamFactory()))
    assert client.get(reverse("admin:events_seal_verify_all")).status_code == 403
