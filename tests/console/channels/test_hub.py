"""The hub's pages and the API: the same services, the same permissions."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from console.channels import ledger, poller
from console.channels.models import BannedWord, ChannelAccount, Delivery, Envelope, IntakeDay, OriginalLook, PolicyRule
from console.channels.services import accept, parse_pending, send_pending
from console.events.models import Event
from console.plugin_api.channels import SendResult
from console.plugin_host import credentials
from tests.factories.channels import message_in, queued
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db):
    return make_user("administrator")


@pytest.fixture
def hub(administrator):
    client = Client()
    client.force_login(administrator)
    return client


def api(*roles: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(make_user(*roles))
    return client


@pytest.fixture
def poison(account) -> Envelope:
    envelope = accept(account, b"poison")
    parse_pending()
    return Envelope.objects.get(pk=envelope.pk)


LISTS = [
    "channelaccount",
    "touchpoint",
    "envelope",
    "message",
    "attachment",
    "delivery",
    "suppression",
    "policyrule",
    "bannedword",
    "bankdomain",
    "attachmentrule",
    "intakeday",
]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_for_an_administrator_and_for_nobody_else(hub, account, name):
    message_in(account, "m1", files=[["a.txt", "text/plain", "x"]])
    queued(account)
    address = reverse(f"admin:channels_{name}_changelist")
    assert hub.get(address).status_code == 200
    agentless = Client()
    agentless.force_login(make_user("participant"))
    assert agentless.get(address).status_code in (302, 403) or name in ("message", "attachment", "delivery")


@pytest.mark.parametrize("name", ["envelope", "message", "attachment", "delivery"])
def test_every_detail_opens(hub, account, name):
    message_in(account, "m1", files=[["a.txt", "text/plain", "x"]])
    queued(account)
    model = {"envelope": Envelope, "delivery": Delivery}.get(name)
    from console.channels.models import Attachment, Message

    row = (model or {"message": Message, "attachment": Attachment}[name]).objects.first()
    assert hub.get(reverse(f"admin:channels_{name}_change", args=[row.pk])).status_code == 200


def test_an_account_is_made_tested_started_and_paused_in_the_hub(hub, line):
    assert "Wire" in hub.get(reverse("admin:channels_channelaccount_add")).content.decode()
    address = reverse("admin:channels_account_create", args=["email_wire"])
    assert "config-password" in hub.get(address).content.decode()
    hub.post(
        address,
        {
            "name": "投诉邮箱",
            "address": "service@bank.example",
            "aliases": "help@bank.example，vip@bank.example",
            "language": "zh-hans",
            "time_zone": "Asia/Shanghai",
            "poll_seconds": 15,
            "send_concurrency": 4,
            "config-host": "mail.example",
            "config-password": "s3cret-word",
        },
    )
    account = ChannelAccount.objects.get()
    assert (account.state, account.aliases) == ("draft", ["help@bank.example", "vip@bank.example"])
    assert credentials.read(account.ref) == {"password": "s3cret-word"}
    page = hub.get(reverse("admin:channels_channelaccount_change", args=[account.pk])).content.decode()
    assert "s3cret-word" not in page
    hub.post(reverse("admin:channels_account_activate", args=[account.pk]))
    assert ChannelAccount.objects.get().state == "active"
    hub.post(reverse("admin:channels_account_pause", args=[account.pk]), {"reason": ""})
    assert ChannelAccount.objects.get().state == "active"
    hub.post(reverse("admin:channels_account_pause", args=[account.pk]), {"reason": "维护"})
    assert ChannelAccount.objects.get().state == "paused"


def test_a_form_with_a_mistake_comes_back_with_it(hub, line):
    response = hub.post(reverse("admin:channels_account_create", args=["email_wire"]), {"name": "x"})
    assert response.status_code == 200
    assert not ChannelAccount.objects.exists()


def test_who_may_only_look_changes_no_account(account):
    client = Client()
    client.force_login(make_user("auditor"))
    address = reverse("admin:channels_channelaccount_change", args=[account.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "x"}).status_code == 403
    assert client.post(reverse("admin:channels_account_pause", args=[account.pk]), {"reason": "x"}).status_code == 403


def test_an_envelope_is_replayed_set_aside_and_downloaded_on_record(hub, poison):
    hub.post(reverse("admin:channels_envelope_replay", args=[poison.pk]))
    assert Envelope.objects.get().status == "pending"
    parse_pending()
    raw = hub.get(reverse("admin:channels_envelope_raw", args=[poison.pk]))
    assert raw.content == b"poison"
    assert raw["Content-Disposition"].startswith("attachment")
    assert Event.objects.get(type="envelope.viewed").data["envelope_id"] == poison.pk
    hub.post(reverse("admin:channels_envelope_aside", args=[poison.pk]), {"reason": "广告"})
    assert Envelope.objects.get().outcome == "set_aside"


def test_many_envelopes_are_replayed_at_once_and_by_command(hub, account, poison, capsys):
    accept(account, b"poison two")
    parse_pending()
    rows = list(Envelope.objects.values_list("pk", flat=True))
    hub.post(reverse("admin:channels_envelope_changelist"), {"action": "replay_selected", "_selected_action": rows})
    assert Envelope.objects.filter(status="pending").count() == 2
    parse_pending()
    call_command("replay_envelopes", "--since", "2020-01-01")
    assert "2 envelopes replayed, 0 left aside." in capsys.readouterr().out
    parse_pending()
    call_command("replay_envelopes", "--dry-run", "--since", "2999-01-01")
    assert "0 envelopes" in capsys.readouterr().out


def test_unknown_deliveries_are_decided_in_bulk_with_evidence(hub, account, line):
    line.on_send = lambda message, key: SendResult.unknown("lost")
    rows = [queued(account, f"c{number}@customer.example").pk for number in range(3)]
    send_pending()
    address = reverse("admin:channels_delivery_changelist")
    asked = hub.post(address, {"action": "decide", "_selected_action": rows})
    assert "evidence" in asked.content.decode()
    chosen = {"action": "decide", "_selected_action": rows, "verdict": "sent"}
    hub.post(address, chosen)
    assert Delivery.objects.filter(status="unknown").count() == 3
    hub.post(address, {**chosen, "evidence": "服务商日志"})
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_policy_is_changed_by_officers_and_every_change_is_told(account):
    officer, agent = Client(), Client()
    officer.force_login(make_user("complaint_officer"))
    agent.force_login(make_user("agent"))
    address = reverse("admin:channels_bannedword_add")
    words = {"word": "稳赚", "action": "refuse", "channel_kind": "", "reason": "", "active": "on"}
    assert agent.post(address, words).status_code in (302, 403)
    assert not BannedWord.objects.exists()
    officer.post(address, words)
    assert BannedWord.objects.get().word == "稳赚"
    assert Event.objects.get(type="policy.changed").data["what"] == "added"
    assert not PolicyRule.objects.exists()


# The ledger


def test_the_ledger_adds_up_whatever_came(account, line, hub):
    line.drop("1", id="m1")
    line.drop("2", id="m1")
    line.drop("3", id="m2", automatic="auto_reply")
    line.waiting.append(line.waiting[0].__class__(raw=b"poison", provider_ref="4"))
    line.waiting.append(line.waiting[0].__class__(raw=b'{"receipt": "failed", "of": "x"}', provider_ref="5"))
    line.waiting.append(line.waiting[0].__class__(raw=b"[]", provider_ref="6"))
    poller.poll_account(account)
    ChannelAccount.objects.update(cursor="4")
    parse_pending()
    line.drop("7", id="m3")
    poller.poll_account(account)
    today = timezone.localdate()
    row = ledger.ledger([account], today, today)[0]
    assert {name: number for name, number in row.columns.items() if number} == {
        "message": 1,
        "duplicate": 1,
        "automatic": 1,
        "quarantined": 1,
        "receipt": 1,
        "empty": 1,
        "waiting": 1,
    }
    assert (row.fetched, row.repeated, row.stored, row.adds_up) == (9, 2, 7, True)
    for name, number in row.columns.items():
        assert ledger.behind(account, today, name).count() == number
    page = hub.get(reverse("admin:channels_intakeday_changelist"))
    assert page.context["wrong"] == []
    drilled = hub.get(reverse("admin:channels_ledger_drill", args=[account.pk, today.isoformat(), "quarantined"]))
    assert len(drilled.context["envelopes"]) == 1


def test_a_ledger_that_does_not_add_up_says_so(account, hub, line):
    line.drop("1", id="m1")
    poller.poll_account(account)
    IntakeDay.objects.update(fetched=2)
    today = timezone.localdate()
    assert ledger.ledger([account], today, today)[0].difference == 1
    assert len(hub.get(reverse("admin:channels_intakeday_changelist")).context["wrong"]) == 1


@pytest.mark.parametrize("query", ["?first=nonsense&last=2026-99-99", "?account=999", "?first=1900-01-01"])
def test_the_ledger_takes_any_question(account, hub, query):
    assert hub.get(reverse("admin:channels_intakeday_changelist") + query).status_code == 200


def test_days_are_the_banks_own(account):
    envelope = accept(account, b"[]")
    when = datetime.datetime(2026, 11, 21, 16, 30, tzinfo=datetime.UTC)
    Envelope.objects.filter(pk=envelope.pk).update(received_at=when)
    day = datetime.date(2026, 11, 22)
    assert ledger.ledger([account], day, day)[0].stored == 1


# The API


def test_the_api_shows_accounts_without_their_configuration(account):
    account.config = {"host": "secret.internal"}
    account.save()
    shown = api("auditor").get("/api/v1/channels/accounts/")
    assert shown.status_code == 200
    assert "secret.internal" not in shown.content.decode()
    assert api("agent").get("/api/v1/channels/accounts/").status_code == 403


def test_the_api_replays_and_decides_by_permission(account, poison, line):
    assert api("auditor").post(f"/api/v1/envelopes/{poison.pk}/replay/").status_code == 403
    administrator = api("administrator")
    assert administrator.post(f"/api/v1/envelopes/{poison.pk}/replay/").json()["status"] == "pending"
    again = administrator.post(f"/api/v1/envelopes/{poison.pk}/replay/")
    assert again.status_code == 400
    line.on_send = lambda message, key: SendResult.unknown("lost")
    row = queued(account)
    send_pending()
    body = {"ids": [row.pk], "verdict": "not_sent", "evidence": "日志中没有"}
    assert api("agent").post("/api/v1/deliveries/decide/", body, format="json").status_code == 403
    decided = administrator.post("/api/v1/deliveries/decide/", body, format="json")
    assert decided.json()[0]["status"] == "failed"


def test_the_api_replays_many_and_answers_for_each(account, poison):
    accept(account, b"poison two")
    parse_pending()
    rows = list(Envelope.objects.order_by("pk").values_list("pk", flat=True))
    address = "/api/v1/envelopes/replay/"
    assert api("auditor").post(address, {"ids": rows}, format="json").status_code == 403
    administrator = api("administrator")
    assert administrator.post(address, {}, format="json").status_code == 400
    assert administrator.post(address, {"limit": 5}, format="json").status_code == 400
    assert administrator.post(address, {"ids": list(range(501))}, format="json").status_code == 400
    one = administrator.post(address, {"account": account.pk, "limit": 1}, format="json").json()
    assert [(row["id"], row["replayed"], row["status"]) for row in one] == [(rows[0], True, "pending")]
    by_id = administrator.post(address, {"ids": rows}, format="json").json()
    assert [(row["id"], row["replayed"], row["status"]) for row in by_id] == [
        (rows[0], False, "pending"),
        (rows[1], True, "pending"),
    ]
    assert by_id[0]["reason"]
    assert administrator.post(address, {"account": account.pk}, format="json").json() == []
    assert Event.objects.filter(type="envelope.replayed").count() == 2


def test_the_api_replays_only_within_the_scope(account, poison):
    supervisor = APIClient()
    supervisor.force_authenticate(make_user("supervisor", team=TeamFactory()))
    assert supervisor.post("/api/v1/envelopes/replay/", {"ids": [poison.pk]}, format="json").json() == []
    assert Envelope.objects.get().status == "quarantined"


def test_the_api_gives_messages_masked_and_originals_with_a_reason(account):
    message = message_in(account, "m1", text="卡号 6222021001116245702", files=[["a.txt", "text/plain", "hello"]])
    administrator = api("administrator")
    shown = administrator.get(f"/api/v1/messages/{message.pk}/")
    assert "6222021001116245702" not in shown.content.decode()
    address = f"/api/v1/messages/{message.pk}/original/"
    assert administrator.post(address, {"reason": "x"}, format="json").status_code == 403
    original = administrator.post(address, {"reason": "核对客户卡号 6222021001116245702"}, format="json")
    assert "6222021001116245702" in original.json()["text"]
    look = OriginalLook.objects.get()
    data = Event.objects.get(type="message.original_viewed").data
    assert (data["message_id"], data["look_id"]) == (message.pk, look.pk)
    assert (look.message, look.reason) == (message, "核对客户卡号 [卡号 ****5702]")
    assert "核对客户卡号" not in json.dumps(data, ensure_ascii=False)
    auditor = Client()
    auditor.force_login(make_user("auditor"))
    for page in (
        reverse("admin:channels_originallook_changelist"),
        reverse("admin:channels_originallook_change", args=[look.pk]),
    ):
        assert look.reason in auditor.get(page).content.decode()
    assert auditor.post(reverse("admin:channels_originallook_delete", args=[look.pk])).status_code == 403
    file = administrator.get(f"/api/v1/messages/{message.pk}/attachments/{message.attachments.get().pk}/")
    assert b"".join(file.streaming_content) == b"hello"
    assert file["X-Content-Type-Options"] == "nosniff"


def test_a_download_is_an_attachment_never_run_and_never_for_strangers(account, hub):
    file = message_in(account, "m1", files=[["说明.html", "text/html", "<html><script>"]]).attachments.get()
    address = reverse("attachment", args=[file.pk])
    response = hub.get(address + "?inline")
    assert response["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in response["Content-Security-Policy"]
    stranger = Client()
    stranger.force_login(make_user("agent"))
    assert stranger.get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_one_page_tells_a_whole_story_by_its_correlation_id(hub, account, line):
    asked = message_in(account, "m1", subject="小额免密")
    delivery = queued(account, in_reply_to=asked)
    send_pending()
    envelope = asked.envelope
    page = hub.get(reverse("admin:channels_story", args=[envelope.correlation_id])).content.decode()
    for part in (envelope.public_ref, "小额免密", f"#{delivery.pk}", "message.received", "delivery.accepted"):
        assert part in page
    detail = hub.get(reverse("admin:channels_envelope_change", args=[envelope.pk])).content.decode()
    assert reverse("admin:channels_message_change", args=[asked.pk]) in detail
    assert reverse("admin:channels_story", args=[envelope.correlation_id]) in detail
    outsider = Client()
    outsider.force_login(make_user("participant"))
    assert outsider.get(reverse("admin:channels_story", args=[envelope.correlation_id])).status_code in (302, 403)


def test_many_envelopes_are_set_aside_at_once_with_one_reason(hub, account):
    poisons = [accept(account, b"poison" + bytes([number])) for number in (49, 50)]
    parse_pending()
    chosen = {"action": "set_aside_selected", "_selected_action": [one.pk for one in poisons]}
    address = reverse("admin:channels_envelope_changelist")
    asked = hub.post(address, chosen)
    assert poisons[0].public_ref in asked.content.decode()
    assert Envelope.objects.filter(status="quarantined").count() == 2
    hub.post(address, chosen | {"reason": "advertising"})
    assert set(Envelope.objects.values_list("status", "outcome", "reason")) == {
        ("rejected", "set_aside", "advertising")
    }
    assert Event.objects.filter(type="envelope.set_aside").count() == 2
