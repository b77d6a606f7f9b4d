import pytest
from django.urls import reverse

from console.channels.models import BannedWord, Delivery
from console.conversations.models import Draft, Note
from tests.console.desk.seeding import Desk


@pytest.fixture
def full(preset):
    return Desk(cases=0)


@pytest.fixture
def ask(client, full):
    client.force_login(full.agent)

    def send(name, *more, **data):
        url = reverse(f"desk:{name}", args=[full.main.number, *more])
        return client.post(url, data, headers={"HX-Request": "true"})

    return send


def recipient(full):
    return f"to:{full.main.conversation.entries.filter(inbound=True).first().message.identity_id}"


def test_a_reply_waits_ten_seconds_and_can_be_called_back(ask, full):
    answer = ask("reply", text="林女士,已为您关闭。", recipient=recipient(full))
    assert answer.status_code == 200
    delivery = Delivery.objects.latest("id")
    assert delivery.not_before > delivery.created_at
    back = ask("recall", delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == "cancelled"
    assert "desk:recalled" in back["HX-Trigger-After-Settle"]


def test_an_empty_reply_is_not_sent_and_says_so(ask, full):
    answer = ask("reply", text="  ", recipient=recipient(full))
    assert answer.status_code == 422
    assert "notice-red" in answer.content.decode()


def test_what_the_channel_refuses_is_said_while_typing(ask, full):
    BannedWord.objects.create(word="保证赔付", reason="请写“我们会核实”")
    part = ask("reply-check", text="我们保证赔付", recipient=recipient(full)).content.decode()
    assert "notice-red" in part
    assert "我们会核实" in part


def test_nobody_outside_the_matter_is_taken_from_the_form(ask, full):
    answer = ask("reply", text="您好", recipient="to:999999")
    assert answer.status_code == 422
    assert Delivery.objects.filter(status="queued").count() == 0


def test_a_new_recipient_survives_the_warning_and_gets_the_answer_once_confirmed(ask, full):
    added = {"add_address": "lawyer@press.example", "add_role": "cc"}
    answer = ask("reply", text="您好", recipient=recipient(full), **added)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="confirmed" value="new_recipient"' in page
    assert 'value="lawyer@press.example"' in page
    assert '<option value="cc" selected>' in page
    sent = ask("reply", text="您好", recipient=recipient(full), confirmed="new_recipient", **added)
    assert sent.status_code == 200
    people = Delivery.objects.latest("id").message.participants.all()
    assert {(one.role, one.identity.address) for one in people} >= {("cc", "lawyer@press.example")}


def test_who_was_unticked_stays_so_when_the_form_comes_back(ask, full):
    page = ask("reply", text="您好", add_address="not an address").content.decode()
    assert "notice-red" in page
    assert f'value="{recipient(full)}">' in page
    assert Delivery.objects.filter(status="queued").count() == 0


def test_a_draft_is_kept_and_forgotten_when_it_is_emptied(ask, full):
    assert ask("draft", "reply", text="正在写").status_code == 204
    assert Draft.objects.get(author=full.agent).body == "正在写"
    ask("draft", "reply", text="")
    assert not Draft.objects.exists()


def test_a_note_stands_in_the_timeline_and_goes_to_nobody(ask, full):
    before = Delivery.objects.count()
    answer = ask("note", text="请技术核实")
    assert "请技术核实" in answer.content.decode()
    assert Note.objects.filter(text="请技术核实").exists()
    assert Delivery.objects.count() == before


def test_an_expired_session_keeps_the_form(client, full):
    url = reverse("desk:reply", args=[full.main.number])
    assert client.post(url, {"text": "您好"}, headers={"HX-Request": "true"}).status_code == 401


def test_a_bounced_answer_says_what_to_do(client, full):
    client.force_login(full.agent)
    page = client.get(reverse("desk:case", args=[full.main.number])).content.decode()
    assert "550 mailbox unavailable" in page
    assert "delivery-problem" in page
