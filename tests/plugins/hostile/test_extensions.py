"""Extensions of every kind that misbehave. Whatever they do, the caller gets its answer and the next plugin runs."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.plugin_api.cases import CaseView
from console.plugin_api.extensions import EventView
from console.plugin_host import extensions
from console.plugin_host.kinds import KINDS
from console.plugin_host.models import PluginRun
from console.plugin_host.outcomes import Failure
from console.plugin_host.testing import hosting
from tests.factories.events import make_event

from .menace import misdeeds

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample"
CASE = CaseView(number="HY-1", type="enquiry", state="new", subject="s", categories={"channel": "app"})
EVENT = EventView(
    id="1", type="case.opened", stream="case:1", at=datetime(2026, 11, 24, tzinfo=UTC), data={"case": "1"}
)
CALLS = {
    "event_handler": ("handle", (EVENT,)),
    "health_check": ("run", ()),
    "desk_panel": ("show", (CASE,)),
    "classifier": ("classify", (CASE, ())),
    "reply_suggester": ("suggest", (CASE, 3)),
    "knowledge_source": ("search", ("card", "en", 3)),
    "dashboard_widget": ("render", ()),
    "hub_page": ("draw", ("",)),
}


@pytest.fixture
def host(db):
    with hosting((HERE, "tests.plugins.hostile"), (SAMPLE, "tests.plugins.sample"), only={"menace", "helper"}) as host:
        assert host.registry.problems == []
        yield host


@pytest.fixture
def commit(host):
    """Call the menace's extension of one kind while it commits a misdeed; afterwards the helper's still answers."""

    def call(kind, misdeed, budget=0.4):
        misdeeds.CHOSEN[0] = misdeed
        method, args = CALLS[kind]
        outcome = host.extension(kind, "menace").call(method, *args, budget=budget)
        (neighbour,) = extensions.of(kind, "helper")
        assert neighbour.call(method, *args).ok
        return outcome

    return call


def test_every_kind_is_tried():
    assert set(CALLS) == {kind.kind for kind in KINDS} - {"channel"}


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("misdeed", ["raises", "exits", "mutates"])
def test_whatever_is_raised_is_a_bug_of_the_plugin(commit, kind, misdeed):
    assert commit(kind, misdeed).failure is Failure.BUG
    assert PluginRun.objects.get().instance == f"{kind}:menace"
    assert CASE.categories == {"channel": "app"}
    assert EVENT.data == {"case": "1"}


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("misdeed", ["lies", "floods"])
def test_an_answer_outside_the_contract_is_no_answer(commit, kind, misdeed):
    assert commit(kind, misdeed, budget=5).failure is Failure.CONTRACT


@pytest.mark.parametrize("kind", CALLS)
def test_nobody_waits_past_the_budget(commit, kind):
    started = time.monotonic()
    assert commit(kind, "hangs", budget=0.2).failure is Failure.TIMEOUT
    assert time.monotonic() - started < 3


def test_a_swallowed_time_out_is_left_behind(commit):
    assert commit("desk_panel", "swallows", budget=0.2).failure is Failure.TIMEOUT


@pytest.mark.parametrize("kind", CALLS)
def test_secrets_and_card_numbers_are_not_kept(commit, kind):
    commit(kind, "leaks")
    run = PluginRun.objects.get()
    for text in (run.message, run.trace):
        assert "hunter2-secret" not in text
        assert "4111111111111111" not in text


@pytest.mark.parametrize("kind", CALLS)
def test_there_is_no_database(commit, kind):
    outcome = commit(kind, "reaches_for_the_database")
    assert (outcome.failure, outcome.error_class) == (Failure.BUG, "DatabaseRefused")


@pytest.mark.parametrize("misdeed", ["floods_rows", "leads_astray"])
def test_what_is_shown_is_bounded_and_leads_nowhere_else(commit, misdeed):
    for kind in ("desk_panel", "dashboard_widget"):
        assert commit(kind, misdeed, budget=5).failure is Failure.CONTRACT


def test_a_page_waits_a_bounded_time_for_all_of_them(host, monkeypatch):
    monkeypatch.setattr(extensions, "PATIENCE_SECONDS", 0.3)
    misdeeds.CHOSEN[0] = "hangs"
    handles = [host.extension("desk_panel", "menace") for _ in range(6)]
    started = time.monotonic()
    outcomes = [outcome for _handle, outcome in extensions.ask(handles, "show", CASE)]
    assert {outcome.failure for outcome in outcomes} == {Failure.TIMEOUT}
    assert time.monotonic() - started < 3


def test_an_event_that_was_not_taken_waits_and_the_neighbour_has_heard_it(host):
    from console.events.models import EventDelivery
    from console.events.services import deliveries
    from console.plugin_host.models import PluginStored

    misdeeds.CHOSEN[0] = "raises"
    event = make_event("case.tried")
    assert set(EventDelivery.objects.filter(consumer__startswith="plugin:").values_list("consumer", flat=True)) == {
        "plugin:menace",
        "plugin:helper",
    }
    deliveries.drain()
    (row,) = EventDelivery.objects.filter(consumer__startswith="plugin:")
    assert row.consumer == "plugin:menace"
    assert row.last_error == "NotHeard"
    assert PluginRun.objects.get(plugin="menace").error == "ZeroDivisionError"
    assert PluginStored.objects.get(plugin="helper", key="seen").value == [str(event.id)]


def test_a_plugin_that_is_off_hears_nothing_and_keeps_nothing_waiting(host):
    from console.events.models import EventDelivery
    from console.events.services import deliveries

    host.switch("menace", False)
    make_event("case.tried")
    deliveries.drain()
    assert not EventDelivery.objects.filter(consumer="plugin:menace").exists()
    assert not PluginRun.objects.filter(plugin="menace").exists()
    assert extensions.of("desk_panel", "menace") == []
