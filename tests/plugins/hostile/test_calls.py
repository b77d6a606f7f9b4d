"""Connectors that misbehave when called. After each, the neighbour still works."""

import time

import pytest

from console.plugin_api.channels import (
    EnvelopeView,
    HookRequest,
    InboundMessage,
    OutboundMessage,
    Turn,
)
from console.plugin_api.messages import Address
from console.plugin_host.models import PluginLease, PluginRun
from console.plugin_host.outcomes import Failure

VIEW = EnvelopeView(raw=b"words", headers={"subject": "s"})
OUT = OutboundMessage(key="k", recipients=())
INBOUND = InboundMessage(provider_message_id="1", sender=Address("x"))
CALLS = {
    "handshake": (HookRequest(method="GET"),),
    "verify": (VIEW,),
    "reply": (VIEW, Turn()),
    "poll": ("",),
    "acknowledge": (("1",),),
    "parse": (VIEW,),
    "assess_identity": (INBOUND,),
    "fetch_media": ("ref",),
    "send": (OUT, "k"),
    "lookup": ("k",),
    "test_connection": (),
    "health_check": (),
    "diagnostics": (),
}


@pytest.fixture(autouse=True)
def neighbour_still_works(host):
    yield
    outcome = host.call("neighbour", "parse", VIEW)
    assert outcome.ok
    assert [message.text for message in outcome.value] == ["words"]


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("misdeed", ["raises", "exits", "interrupts", "pretends_time_out"])
def test_whatever_is_raised_in_any_method_is_a_bug_of_the_plugin(vandal, method, misdeed):
    outcome = vandal(method, misdeed, *CALLS[method])
    assert outcome.failure is Failure.BUG
    assert PluginRun.objects.get().method == method


@pytest.mark.parametrize("method", CALLS)
def test_rubbish_from_any_method_breaks_the_contract(vandal, method):
    assert vandal(method, "returns_rubbish", *CALLS[method]).failure is Failure.CONTRACT


@pytest.mark.parametrize(
    "misdeed",
    [
        "returns_a_coroutine",
        "returns_without_end",
        "floods",
        "lies_about_types",
        "lies_with_a_subclass",
        "lies_about_length",
        "empty_identifier",
    ],
)
def test_parse_that_lies_is_quarantined(vandal, misdeed):
    outcome = vandal("parse", misdeed, VIEW, budget=5)
    assert outcome.failure is Failure.CONTRACT, outcome
    assert outcome.is_fault


@pytest.mark.parametrize("misdeed", ["sleeps", "spins", "swallows_time_outs", "yields_and_hangs", "takes_long_to_tell"])
def test_the_caller_never_waits_past_the_budget(vandal, misdeed):
    started = time.monotonic()
    outcome = vandal("parse", misdeed, VIEW, budget=0.3)
    assert outcome.failure is Failure.TIMEOUT
    assert time.monotonic() - started < 0.7


def test_an_answer_that_breaks_half_way_is_no_answer(vandal):
    outcome = vandal("parse", "raises_while_yielding", VIEW)
    assert (outcome.failure, outcome.error_class) == (Failure.BUG, "LookupError")


def test_arguments_cannot_be_changed(vandal):
    outcome = vandal("parse", "changes_arguments", VIEW)
    assert outcome.failure is Failure.BUG
    assert VIEW.headers == {"subject": "s"}


def test_what_the_host_took_at_admission_stays(host, vandal):
    from console.plugin_api.capabilities import Capabilities
    from tests.plugins.hostile.vandal.plugin import Vandal

    before, slot = Vandal.capabilities, Capabilities.__dict__["buttons"]
    try:
        vandal("parse", "changes_its_own_class", VIEW)
        assert host.registry.entries["channel", "vandal"].facts.buttons is False
    finally:
        Vandal.capabilities = before
        type.__setattr__(Capabilities, "buttons", slot)


def test_an_account_cannot_grant_itself_more(host):
    handle = host.handle("vandal", config={"misdeed": "claims_more", "narrowing": 1}, secrets={})
    assert handle.capabilities.max_length == 100
    assert handle.capabilities.buttons is False
    assert handle.capabilities.outbound_text is True


def test_an_account_that_cannot_say_what_it_can_do_can_do_nothing(host):
    handle = host.handle("vandal", config={"misdeed": "raises", "narrowing": 1}, secrets={})
    assert handle.capabilities.outbound_text is False


def test_secrets_and_card_numbers_stay_out_of_what_is_kept(vandal):
    outcome = vandal("send", "leaks", OUT, "k", secrets={"password": "hunter2-secret"})
    run = PluginRun.objects.get()
    for text in (outcome.message, run.message, run.trace):
        assert "hunter2-secret" not in text
        assert "4111111111111111" not in text
    assert "misdeeds.py" in run.trace
    assert "login with" in run.trace


def test_an_exception_without_words_is_still_told(vandal):
    outcome = vandal("parse", "cannot_be_told", VIEW)
    assert outcome.failure is Failure.BUG
    assert outcome.error_class == "Unspeakable"


@pytest.mark.parametrize("misdeed", ["uses_the_database", "opens_a_transaction"])
def test_plugin_code_has_no_database(vandal, misdeed):
    outcome = vandal("parse", misdeed, VIEW)
    assert (outcome.failure, outcome.error_class) == (Failure.BUG, "DatabaseRefused")


def test_declared_failures_are_understood(vandal):
    assert vandal("send", "signs_in_wrongly", OUT, "k").failure is Failure.AUTH
    assert vandal("send", "never_retries_itself", OUT, "k").retry_after == 7 * 86400
    assert vandal("send", "lies_about_seconds", OUT, "k").retry_after == 60


@pytest.mark.parametrize(
    ("method", "misdeed"),
    [("poll", "polls_too_much"), ("poll", "acknowledges_askew"), ("send", "waits_for_not_a_number")],
)
def test_numbers_and_lists_are_checked(vandal, method, misdeed):
    assert vandal(method, misdeed, *CALLS[method]).failure is Failure.CONTRACT


def test_a_constructor_is_guarded_like_any_method(vandal):
    assert vandal("parse", "stores_well", VIEW, init="exits").error_class == "SystemExit"


def test_the_log_is_bounded(vandal):
    from structlog.testing import capture_logs

    with capture_logs() as lines:
        assert vandal("parse", "floods_the_log", VIEW, budget=5).ok
    assert 100 < len(lines) <= 200
    assert lines[-1]["event"] == "plugin_log_flood"


def test_secrets_stay_out_of_the_log(vandal):
    from structlog.testing import capture_logs

    with capture_logs() as lines:
        assert vandal("parse", "leaks_in_log", VIEW, secrets={"password": "hunter2-secret"}).ok
    assert [line["event"] for line in lines] == ["signing_in"]
    assert "hunter2-secret" not in str(lines)


def test_the_store_is_bounded_and_works(vandal):
    assert vandal("parse", "stores_too_much", VIEW, budget=5).error_class == "ValueError"
    assert vandal("parse", "stores_well", VIEW, budget=5).ok


def test_a_lock_is_given_back_and_a_held_one_is_respected(vandal):
    from datetime import timedelta

    from django.utils import timezone

    assert vandal("parse", "locks_well", VIEW, budget=5).ok
    assert not PluginLease.objects.exists()
    until = timezone.now() + timedelta(seconds=60)
    PluginLease.objects.create(plugin="vandal", instance="test", name="refresh", holder="other", until=until)
    assert vandal("parse", "locks_for_ever", VIEW, budget=5).failure is Failure.RETRY
