"""Conversations over the API."""

import pytest
from rest_framework.test import APIClient

from console.channels.models import Delivery
from console.conversations.models import Conversation
from tests.factories.channels import message_in
from tests.factories.conversations import conversation_in

pytestmark = pytest.mark.django_db
LIN = "lin@customer.example"


@pytest.fixture
def conversation(account) -> Conversation:
    return conversation_in(account, sender=LIN, subject="免密支付")


def client(user) -> APIClient:
    made = APIClient()
    made.force_authenticate(user)
    return made


def test_one_sees_ones_own_and_no_others(conversation, agent, outsider):
    seen = client(agent).get("/api/v1/conversations/").json()["results"]
    assert [(one["id"], one["unread"]) for one in seen] == [(conversation.pk, True)]
    assert client(outsider).get("/api/v1/conversations/").json()["results"] == []
    assert client(outsider).get(f"/api/v1/conversations/{conversation.pk}/").status_code == 404


def test_an_answer_its_check_and_its_refusal(conversation, agent):
    here = f"/api/v1/conversations/{conversation.pk}"
    mine = client(agent)
    assert mine.post(f"{here}/check/", {"text": "见 evil.cn"}, format="json").json()[0]["code"] == "foreign_link"
    refused = mine.post(f"{here}/reply/", {"text": "见 evil.cn"}, format="json")
    assert refused.status_code == 422
    assert "foreign_link" in refused.content.decode()
    sent = mine.post(f"{here}/reply/", {"text": "已关闭"}, format="json")
    assert (sent.status_code, sent.json()["status"], Delivery.objects.count()) == (201, "queued", 1)


def test_the_same_answer_posted_twice_goes_once(conversation, agent):
    for _ in range(2):
        client(agent).post(
            f"/api/v1/conversations/{conversation.pk}/reply/",
            {"text": "已关闭"},
            format="json",
            headers={"Idempotency-Key": "tap-1"},
        )
    assert Delivery.objects.count() == 1


def test_notes_drafts_assignment_reading_moving_closing(conversation, agent, account, team):
    here, mine = f"/api/v1/conversations/{conversation.pk}", client(agent)
    assert mine.post(f"{here}/notes/", {"text": "已致电"}, format="json").json()["note"] == "已致电"
    first = mine.post(f"{here}/draft/", {"body": "您"}, format="json").json()
    mine.post(f"{here}/draft/", {"body": "您好", "revision": first["revision"]}, format="json")
    clash = mine.post(f"{here}/draft/", {"body": "别的", "revision": first["revision"]}, format="json")
    assert clash.status_code == 400
    assert mine.post(f"{here}/assign/", {"user": agent.pk}, format="json").json()["assignee"] == agent.pk
    assert mine.post(f"{here}/read/").status_code == 204
    entry = message_in(account, "m2", sender=LIN, in_reply_to="m1").entry
    moved = mine.post(f"{here}/move/", {"entry": entry.pk}, format="json").json()
    assert moved["id"] != conversation.pk
    assert mine.post(f"{here}/close/").json()["status"] == "closed"
    lines = mine.get(f"{here}/timeline/").json()
    assert [line["kind"] for line in lines].count("note") == 1
    older = mine.get(f"{here}/timeline/?before={lines[0]['id']}").json()
    assert len(older) == len(lines) - 1
