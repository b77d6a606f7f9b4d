import re

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

    send.client = client
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
    assert ask("draft", "reply", text="正在写").status_code == 200
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


def test_what_was_sent_twice_with_one_key_is_one_letter(ask, full):
    before = Delivery.objects.count()
    for _attempt in range(2):
        assert ask("reply", text="您好", recipient=recipient(full), act="key-1").status_code == 200
    assert Delivery.objects.count() == before + 1
    ask("reply", text="您好，补充一点", recipient=recipient(full), act="key-1")
    assert Delivery.objects.count() == before + 2


def test_a_note_sent_twice_is_one_note(ask, full):
    for _attempt in range(2):
        ask("note", text="请核实", act="key-2")
    assert Note.objects.filter(text="请核实").count() == 1


def test_new_words_since_one_began_are_asked_about_once(ask, full):
    seen = full.main.conversation.entries.latest("pk").pk
    full.mail(full.main.customer, full.main.conversation, "回复", "等一下，情况变了")
    answer = ask("reply", text="您好", recipient=recipient(full), seen=seen)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "等一下，情况变了" in page
    now = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert ask("reply", text="您好", recipient=recipient(full), seen=now).status_code == 200


def test_an_answer_of_a_colleague_is_asked_about_and_ones_own_is_not(ask, client, full):
    seen = full.main.conversation.entries.latest("pk").pk
    assert ask("reply", text="第一封", recipient=recipient(full), seen=seen).status_code == 200
    assert ask("reply", text="第二封", recipient=recipient(full), seen=seen).status_code == 200
    client.force_login(full.supervisor)
    assert ask("reply", text="我来答复", recipient=recipient(full), seen=seen).status_code == 422


def test_the_newer_draft_wins_and_the_other_comes_back(ask, full):
    first = ask("draft", "reply", text="在甲窗口写的", revision="").json()
    assert ask("draft", "reply", text="在甲窗口写的更多", revision=first["revision"]).json()["other"] == ""
    kept = ask("draft", "reply", text="在乙窗口写的", revision=first["revision"]).json()
    assert kept["other"] == "在甲窗口写的更多"
    assert Draft.objects.get(author=full.agent).body == "在乙窗口写的"


def test_sending_can_lead_to_the_next_case_and_undo_leads_back_to_the_words(ask, full):
    answer = ask("reply", text="请稍候", recipient=recipient(full), then="+next", view="team")
    assert full.main.number in answer["HX-Location"]
    assert "recall" in answer["HX-Trigger"]
    delivery = Delivery.objects.latest("id")
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/desk/cases/HY-2026-999999/"}
    url = reverse("desk:recall", args=[full.main.number, delivery.pk])
    back = ask.client.post(url, headers=elsewhere)
    assert full.main.number in back["HX-Redirect"]
    assert Draft.objects.get(author=full.agent).body == "请稍候"


def test_only_ways_to_this_customer_are_taken_from_the_form(ask, full):
    page = ask("reply", text="您好", recipient=recipient(full), way="999:999")
    assert page.status_code == 200
    assert Delivery.objects.latest("id").account == full.account


def test_what_arrives_after_the_session_ended_is_kept_and_can_be_sent(client, full):
    url = reverse("desk:reply", args=[full.main.number])
    late = client.post(url, {"text": "写了很久的答复", "recipient": recipient(full), "act": "late"})
    assert late.status_code == 401
    assert "写了很久的答复" in late.content.decode()
    again = {"typed": late.context["typed"]}
    assert client.post(reverse("desk:signed-in"), again).status_code == 401
    client.force_login(full.agent)
    page = client.post(reverse("desk:signed-in"), again)
    assert page.context["path"] == url
    assert dict(map(tuple, page.context["fields"]))["text"] == "写了很久的答复"
    assert Delivery.objects.filter(status="queued").count() == 0
    client.cookies.pop("huiyin_typed")
    assert client.post(reverse("desk:signed-in"), again).status_code == 400


def test_colleagues_at_a_case_see_each_other(client, full):
    stamp = {"part": f"case:{full.main.number}", "writing": "reply"}
    client.force_login(full.agent)
    assert client.get(reverse("desk:stamp"), stamp).json()["here"] == []
    client.force_login(full.supervisor)
    assert client.get(reverse("desk:stamp"), stamp).json()["here"] == [{"text": "王敏正在写回复", "writing": True}]
    assert "王敏正在写回复" in client.get(reverse("desk:case", args=[full.main.number])).content.decode()
    client.force_login(full.participant)
    assert "here" not in client.get(reverse("desk:stamp"), {"part": f"case:{full.plain(1).number}"}).json()
