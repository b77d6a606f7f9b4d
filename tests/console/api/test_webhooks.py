"""Webhooks: news goes out signed, once taken; what is refused or down waits, and nobody else waits for it."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from freezegun import freeze_time
from standardwebhooks import Webhook as Checker
from standardwebhooks import WebhookVerificationError

from console.api.models import Webhook, WebhookDelivery
from console.api.outgoing import sending, services
from console.api.outgoing.forms import checked_types
from console.api.outgoing.switching import pause, resume, switch_off
from console.api.outgoing.wanted import wishes
from console.events import emit
from console.events.alarms import open_alarms
from console.events.models import Event
from console.foundation.http.addresses import check_web_address
from tests.counterparts.receiver import receiver
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(settings):
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    with receiver() as here:
        yield here


@pytest.fixture
def boss(db):
    return make_user("administrator")


def made(boss, url, types="thing.*", name="ledger"):
    return services.create({"name": name, "url": url, "types": types}, boss)


def tell(number=1, event_type="thing.done"):
    return [emit("thing:1", event_type, {"thing_id": n}) for n in range(number)]


def states(hook=None):
    rows = WebhookDelivery.objects.order_by("pk")
    return [row.status for row in (rows.filter(webhook=hook) if hook else rows)]


def test_an_event_arrives_signed_and_as_the_api_shows_it(there, boss, django_capture_on_commit_callbacks):
    _hook, secret = made(boss, there.url)
    with django_capture_on_commit_callbacks(execute=True):
        event = tell()[0]
    tell(event_type="other.done")
    assert sending.drain() == 1
    headers, body = there.got[0]
    said = Checker(secret).verify(body, headers)
    row = Event.objects.get(pk=event.pk)
    assert said["id"] == headers["webhook-id"] == str(event.pk)
    assert (said["type"], said["data"], said["seq"], said["hash"]) == ("thing.done", {"thing_id": 0}, 1, row.hash)
    sent = WebhookDelivery.objects.get()
    assert (sent.status, sent.response_status, sent.attempts) == ("delivered", 200, 1)
    with pytest.raises(WebhookVerificationError):
        Checker(secret).verify(body.replace(b"thing_id", b"thing_ip"), headers)


def test_what_is_undone_is_not_told(there, boss):
    made(boss, there.url)
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_an_event_costs_no_query_while_nobody_listens(django_assert_num_queries, boss):
    wishes.forget()
    wishes.all()
    with django_assert_num_queries(0):
        assert wishes.all() == ()


def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(there, boss):
    hook, old = made(boss, there.url)
    new = services.replace_secret(hook, boss)
    tell()
    sending.drain()
    headers, body = there.got[0]
    for secret in (old, new):
        assert Checker(secret).verify(body, headers)
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(minutes=1))
    tell()
    sending.drain()
    headers, body = there.got[1]
    assert Checker(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Checker(old).verify(body, headers)


def test_a_receiver_that_is_down_keeps_its_own_news_waiting_and_nobody_elses(there, boss):
    hook, _ = made(boss, there.url, name="well")
    down, _ = made(boss, "http://127.0.0.1:9/", name="down")
    tell(3)
    sending.drain()
    assert states(hook) == ["delivered"] * 3
    assert states(down) == ["pending"] * 3
    assert {row.attempts for row in down.deliveries.all()} == {0}
    assert sending.drain() == 0, "it is left alone until its time"
    down.refresh_from_db()
    assert down.failures == 1
    assert down.retry_at > timezone.now()
    Webhook.objects.filter(pk=down.pk).update(retry_at=None)
    services.change(Webhook.objects.get(pk=down.pk), {"url": there.url}, boss)
    sending.drain()
    assert states(down) == ["delivered"] * 3
    assert Webhook.objects.get(pk=down.pk).failures == 0


def test_one_refused_event_stops_no_other_and_is_given_up_for_a_person(there, boss):
    hook, _ = made(boss, there.url)
    tell()
    there.status = 422
    for _attempt in range(8):
        WebhookDelivery.objects.filter(status="pending").update(next_attempt_at=timezone.now())
        assert sending.drain() == 1
    assert states() == ["dead"]
    assert [alarm.code for alarm in open_alarms()] == ["api.webhook_refused"]
    there.status = 200
    tell()
    sending.drain()
    assert states() == ["dead", "delivered"]
    assert services.send_again(WebhookDelivery.objects.all(), boss) == 2
    sending.drain()
    assert states() == ["delivered", "delivered"]
    assert not open_alarms()
    assert Webhook.objects.get(pk=hook.pk).state == "active"


@pytest.mark.parametrize(("status", "attempts"), [(410, sending.MOST_GONE), (503, sending.MOST_FAILURES)])
def test_a_receiver_that_is_gone_is_paused_and_its_news_kept(there, boss, status, attempts):
    hook, _ = made(boss, there.url)
    there.status = status
    tell(2)
    for _attempt in range(attempts):
        assert Webhook.objects.get().state == "active"
        Webhook.objects.update(retry_at=None)
        sending.drain()
    assert Webhook.objects.get().state == "paused"
    assert [alarm.code for alarm in open_alarms()] == ["api.webhook_paused"]
    tell()
    assert sending.drain() == 0
    there.status = 200
    resume(Webhook.objects.get(), boss)
    sending.drain()
    assert states(hook) == ["delivered"] * 3
    assert not open_alarms()


def test_a_receiver_may_ask_for_rest(there, boss):
    made(boss, there.url)
    there.status, there.headers = 429, {"Retry-After": "90"}
    tell()
    with freeze_time("2026-11-24 10:00:00"):
        WebhookDelivery.objects.update(next_attempt_at=timezone.now())
        sending.drain()
        assert Webhook.objects.get().retry_at == timezone.now() + timedelta(seconds=90)


def test_inner_addresses_are_not_called(there, boss, settings):
    settings.HUIYIN_HTTP_ALLOW = []
    hook, _ = made(boss, there.url)
    tell()
    sending.drain()
    assert not there.got
    assert hook.deliveries.get().last_error == gettext("The address is not allowed.")
    assert not services.test(hook, boss).ok


def test_off_keeps_nothing_and_paused_keeps_all(there, boss):
    hook, _ = made(boss, there.url)
    tell()
    pause(hook, "maintenance", boss)
    tell()
    assert sending.drain() == 0
    assert states() == ["pending", "pending"]
    switch_off(hook, "", boss)
    tell()
    assert states() == ["dropped", "dropped"]
    resume(hook, boss)
    assert sending.drain() == 0
    tell()
    sending.drain()
    assert states() == ["dropped", "dropped", "delivered"]


def test_a_test_is_sent_at_once_and_signed(there, boss):
    hook, secret = made(boss, there.url)
    there.body = "好\x00 <b>".encode()
    answer = services.test(hook, boss)
    assert (answer.ok, answer.status, answer.text) == (True, 200, "好  <b>")
    headers, body = there.got[0]
    assert Checker(secret).verify(body, headers)["type"] == "webhook.test"
    assert UUID(json.loads(body)["id"])


def test_delivered_rows_go_after_a_week_and_failures_stay(there, boss):
    made(boss, there.url)
    tell(2)
    sending.drain()
    first, second = WebhookDelivery.objects.order_by("pk")
    long_ago = timezone.now() - timedelta(days=8)
    WebhookDelivery.objects.filter(pk=first.pk).update(delivered_at=long_ago)
    WebhookDelivery.objects.filter(pk=second.pk).update(delivered_at=long_ago, status="dead")
    assert services.prune() == 1
    assert list(WebhookDelivery.objects.values_list("pk", flat=True)) == [second.pk]


def test_secrets_and_addresses_lie_encrypted(boss, there):
    from django.db import connection

    _hook, secret = made(boss, f"{there.url}?access_token=tell-nobody")
    with connection.cursor() as cursor:
        cursor.execute("SELECT url, secret FROM api_webhook")
        stored = "".join(map(str, cursor.fetchone()))
    assert "tell-nobody" not in stored
    assert secret not in stored
    assert "tell-nobody" not in json.dumps(list(Event.objects.values_list("body", flat=True)))


def test_only_who_may_sets_up_webhooks(there, boss):
    hook, _ = made(boss, there.url)
    agent = make_user("agent", team=TeamFactory())
    for act in (
        lambda: services.create({"name": "mine", "url": there.url, "types": "*"}, agent),
        lambda: services.change(hook, {"types": "*"}, agent),
        lambda: services.delete(hook, agent),
        lambda: services.replace_secret(hook, agent),
        lambda: services.test(hook, agent),
        lambda: services.send_again([], agent),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("case.*", "case.*"), (" case.opened\n\nevent.* ,case.opened", "case.opened,event.*"), ("*", "*")],
)
def test_types_as_people_write_them(typed, stored):
    assert checked_types(typed) == stored


@pytest.mark.parametrize("typed", ["", " ,\n", "Case.*", "工单.*", "case.[ab]", " ".join(f"a{n}.*" for n in range(31))])
def test_what_is_no_type_is_refused(typed):
    with pytest.raises(ValidationError):
        checked_types(typed)


@pytest.mark.parametrize(
    "typed", ["", "ftp://a.example", "https://", "bank.example/x", "https://a b.example", "http://[::1"]
)
def test_what_is_no_web_address_is_refused(typed):
    with pytest.raises(ValidationError):
        check_web_address(typed)
