"""Through the whole door: whatever a connector does, the words are stored once and the next plugin's go on."""

import pytest
from django.urls import reverse

from console.channels import door, gateway
from console.channels.models import ChannelAccount, Delivery, Envelope, EnvelopeStatus, Message
from console.channels.services import accept, parse_pending
from console.channels.services.pump import send_pending
from console.channels.services.quarantine import replay
from console.events import Actor
from console.plugin_host import circuits, runner
from console.plugin_host.models import Circuit
from tests.factories.channels import AccountFactory, queued

RAW = "小额免密关不掉".encode()
ACTOR = Actor("staff", "1", "admin")
PARSE_MISDEEDS = [
    "raises",
    "exits",
    "interrupts",
    "pretends_time_out",
    "spins",
    "swallows_time_outs",
    "returns_rubbish",
    "returns_a_coroutine",
    "raises_while_yielding",
    "floods",
    "lies_about_types",
    "changes_arguments",
    "cannot_be_told",
    "uses_the_database",
]


@pytest.fixture(autouse=True)
def forgetful(settings, tmp_path, monkeypatch):
    settings.VAULT_ROOT = tmp_path / "vault"
    door._accounts.clear()
    gateway._kept.handles.clear()
    for method in ("parse", "send", "verify", "handshake", "reply"):
        monkeypatch.setitem(runner.BUDGETS, method, 0.5)


@pytest.fixture
def next_door(host):
    return AccountFactory(connector="neighbour", channel_kind="chat", name="next door")


@pytest.fixture
def hostile(host):
    def account(misdeed, **config):
        return AccountFactory(
            connector="vandal", channel_kind="chat", name="hostile", config={"misdeed": misdeed, **config}
        )

    return account


def mend(account):
    ChannelAccount.objects.filter(pk=account.pk).update(config={"misdeed": "behaves"})


@pytest.mark.parametrize("misdeed", PARSE_MISDEEDS)
def test_a_hostile_parser_loses_nothing_and_stops_nobody(hostile, next_door, misdeed):
    account = hostile(misdeed)
    bad, good = accept(account, RAW), accept(next_door, RAW)
    parse_pending()
    assert Message.objects.get().account == next_door
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == (EnvelopeStatus.QUARANTINED, EnvelopeStatus.PARSED)
    assert bytes(Envelope.objects.get(account=account).raw) == RAW
    assert bad.reason

    mend(account)
    replay(bad, ACTOR)
    parse_pending()
    assert Message.objects.filter(account=account).count() == 1


def test_behind_an_open_circuit_envelopes_wait_and_are_parsed_later(hostile, next_door):
    account = hostile("raises")
    for number in range(8):
        accept(account, RAW + bytes([number + 48]))
    parse_pending()
    states = list(Envelope.objects.filter(account=account).values_list("status", flat=True))
    assert states.count(EnvelopeStatus.QUARANTINED) == circuits.FAULTS_TO_OPEN
    assert states.count(EnvelopeStatus.PENDING) == 8 - circuits.FAULTS_TO_OPEN
    assert Circuit.objects.get().method == "parse"

    mend(account)
    from console.plugin_host.services import close_circuit

    close_circuit(Circuit.objects.get(), ACTOR)
    Envelope.objects.filter(status=EnvelopeStatus.PENDING).update(next_attempt_at="2020-01-01T00:00Z", lease_until=None)
    while parse_pending():
        pass
    assert Message.objects.filter(account=account).count() == 8 - circuits.FAULTS_TO_OPEN


@pytest.mark.parametrize("misdeed", ["raises", "exits", "spins", "swallows_time_outs", "returns_rubbish"])
def test_a_hostile_gatekeeper_keeps_no_words_out(hostile, client, misdeed):
    account = hostile(misdeed)
    answer = client.post(reverse("hook", args=[account.uid]), RAW, content_type="application/octet-stream")
    assert answer.status_code == 200
    envelope = Envelope.objects.get()
    assert (envelope.status, bytes(envelope.raw)) == (EnvelopeStatus.UNVERIFIED, RAW)


@pytest.mark.parametrize("misdeed", ["raises", "exits", "spins", "returns_rubbish"])
def test_a_send_that_breaks_is_unknown_and_never_repeated_blindly(hostile, misdeed):
    delivery = queued(hostile(misdeed), "u-7", text="您好")
    send_pending()
    delivery.refresh_from_db()
    assert delivery.status == "unknown"
    assert send_pending() == 0
    assert Delivery.objects.get().attempts == 1


def test_a_send_that_was_never_made_waits(hostile):
    delivery = queued(hostile("never_retries_itself"), "u-7", text="您好")
    send_pending()
    delivery.refresh_from_db()
    assert delivery.status == "queued"


def test_a_plugin_that_quotes_the_customer_is_not_written_down(hostile, caplog):
    """Its exception holds the letter, and so do its locals: neither log, run, envelope nor event repeats it."""
    from console.events.models import Alarm, Event
    from console.foundation.logging import Formatter
    from console.plugin_host.models import PluginRun

    words = "林晓婉说卡号6222021001116245702被盗刷，电话13812345679"
    account = hostile("quotes")
    envelope = accept(account, words.encode())
    with caplog.at_level("DEBUG"):
        parse_pending()
    run = PluginRun.objects.get()
    envelope.refresh_from_db()
    assert (envelope.status, run.error) == (EnvelopeStatus.QUARANTINED, "ValueError")
    assert "misdeeds.py" in run.trace
    written = [Formatter().format(record) for record in caplog.records]
    written += [run.message, run.trace, envelope.reason, envelope.traceback, envelope.last_error]
    written += [str(row) for row in [*Event.objects.values_list("body"), *Alarm.objects.values_list("params")]]
    parts = ("林晓婉", "盗刷", "6222021001116245702", "13812345679")
    assert [text for text in written for part in parts if part in text] == []
