"""Webhooks in the hub and over the API: made, their secret shown once, tried, paused, and their log."""

import re

import pytest
from django.urls import reverse

from console.api.models import Webhook, WebhookDelivery
from console.api.outgoing import sending
from console.api.services import issue_token
from console.events import emit
from tests.counterparts.receiver import receiver
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:api_webhook_add"), reverse("admin:api_webhook_changelist")
LOG = reverse("admin:api_webhookdelivery_changelist")


@pytest.fixture
def there(settings):
    settings.HUIYIN_HTTP_ALLOW = ["127.0.0.1"]
    with receiver() as here:
        yield here


@pytest.fixture
def boss(client):
    user = make_user("administrator", language="en")
    client.force_login(user)
    return user


def act(client, hook, what):
    page = client.post(reverse("admin:api_webhook_act", args=[hook.pk]), {"act": what}, follow=True)
    return page.content.decode()


def test_made_tried_paused_resumed_and_deleted_in_the_hub(client, boss, there):
    posted = {"name": "ledger", "url": f"{there.url}?token=tell-nobody", "types": "thing.*\ncase.*"}
    page = client.post(ADD, posted, follow=True).content.decode()
    assert re.search(r"whsec_[\w+/=]{40,}", page)
    hook = Webhook.objects.get()
    assert (hook.types, hook.created_by) == ("thing.*,case.*", boss)
    listed = client.get(LIST).content.decode()
    assert f"127.0.0.1:{there.port}" in listed
    assert "tell-nobody" not in listed
    assert "whsec_" not in client.get(reverse("admin:api_webhook_change", args=[hook.pk])).content.decode()
    assert "It took the test: HTTP 200" in act(client, hook, "test")
    there.status = 500
    assert "It did not take the test: HTTP 500" in act(client, hook, "test")
    act(client, hook, "pause")
    assert Webhook.objects.get().state == "paused"
    act(client, hook, "resume")
    assert Webhook.objects.get().state == "active"
    assert "whsec_" in act(client, hook, "secret")
    client.post(reverse("admin:api_webhook_delete", args=[hook.pk]), {"post": "yes"})
    assert not Webhook.objects.exists()


def test_a_changed_wish_holds_at_once(client, boss, there):
    client.post(ADD, {"name": "ledger", "url": there.url, "types": "thing.*"})
    hook = Webhook.objects.get()
    change = reverse("admin:api_webhook_change", args=[hook.pk])
    client.post(change, {"name": "ledger", "url": there.url, "types": "other.*"})
    emit("thing:1", "thing.done", {})
    emit("thing:1", "other.done", {})
    assert [row.event_type for row in WebhookDelivery.objects.all()] == ["other.done"]


def test_a_wrong_address_and_a_wrong_type_are_said_beside_their_fields(client, boss):
    page = client.post(ADD, {"name": "x", "url": "ftp://a.example", "types": "工单.*"}).content.decode()
    assert "begins with https://" in page
    assert "This is no event type: 工单.*" in page
    assert not Webhook.objects.exists()


def test_what_was_sent_is_listed_and_sent_again(client, boss, there):
    client.post(ADD, {"name": "ledger", "url": there.url, "types": "thing.*"})
    emit("thing:1", "thing.done", {})
    sending.drain()
    assert "thing.done" in client.get(LOG).content.decode()
    row = WebhookDelivery.objects.get()
    assert client.get(reverse("admin:api_webhookdelivery_change", args=[row.pk])).status_code == 200
    client.post(LOG, {"action": "send_again", "_selected_action": [row.pk]})
    sending.drain()
    assert len(there.got) == 2


def test_an_auditor_reads_hosts_and_logs_and_changes_nothing(client, there, boss):
    client.post(ADD, {"name": "ledger", "url": f"{there.url}?token=tell-nobody", "types": "thing.*"})
    hook = Webhook.objects.get()
    client.force_login(make_user("auditor", language="en"))
    page = client.get(reverse("admin:api_webhook_change", args=[hook.pk])).content.decode()
    assert f"127.0.0.1:{there.port}" in page
    assert "tell-nobody" not in page
    assert client.get(LOG).status_code == 200
    assert client.post(reverse("admin:api_webhook_act", args=[hook.pk]), {"act": "off"}).status_code == 403
    client.force_login(make_user("agent", team=TeamFactory()))
    assert client.get(LIST).status_code == 403


def test_the_api_makes_pauses_tries_and_lists(client, there):
    _token, secret = issue_token(make_user("administrator"), "ops", ["webhooks:write"])
    bearer = {"headers": {"Authorization": f"Bearer {secret}"}, "content_type": "application/json"}
    asked = {"name": "ledger", "url": there.url, "types": ["thing.*"]}
    made = client.post("/api/v1/webhooks/", asked, **bearer)
    assert made.status_code == 201
    body = made.json()
    assert body["secret"].startswith("whsec_")
    assert "url" not in body
    where = f"/api/v1/webhooks/{body['id']}/"
    assert "secret" not in client.get(where, **bearer).json()
    assert client.post(f"{where}test/", **bearer).json()["status"] == 200
    assert client.post(f"{where}pause/", {"reason": "night"}, **bearer).json()["state_reason"] == "night"
    assert client.post(f"{where}resume/", **bearer).json()["state"] == "active"
    assert client.patch(where, {"types": ["*"]}, **bearer).json()["types"] == ["*"]
    assert client.patch(where, {"types": ["工"]}, **bearer).status_code == 400
    emit("thing:1", "thing.done", {})
    sending.drain()
    sent = client.get(f"/api/v1/webhook-deliveries/?webhook={body['id']}&status=delivered", **bearer).json()["results"]
    assert "thing.done" in [one["event_type"] for one in sent]
    assert client.post(f"/api/v1/webhook-deliveries/{sent[0]['id']}/again/", **bearer).json()["status"] == "pending"
    assert client.post(f"/api/v1/webhook-deliveries/{sent[0]['id']}/again/", **bearer).status_code == 400
    assert client.get("/api/v1/webhook-deliveries/?event=x", **bearer).status_code == 400
    assert client.post(f"{where}off/", **bearer).json()["state"] == "off"
    assert client.post(f"{where}secret/", **bearer).json()["secret"] != body["secret"]
    assert client.delete(where, **bearer).status_code == 204


def test_the_schema_says_what_is_posted(client):
    schema = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    posted = schema["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert posted == {"$ref": "#/components/schemas/EventRequest"} or posted["$ref"].endswith("/Event")
