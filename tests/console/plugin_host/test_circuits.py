from datetime import timedelta

import pytest
from django.utils import timezone

from console.events.models import Alarm, Event
from console.plugin_api.channels import EnvelopeView
from console.plugin_host import circuits, services, state
from console.plugin_host.models import Circuit, PluginRun
from console.plugin_host.outcomes import CircuitOpen, Failure

VIEW = EnvelopeView(raw=b"x")


@pytest.fixture
def call(host):
    """Call the vandal's parse: `call("raises")` fails, `call("stores_well")` is fine."""

    def one(misdeed, ref="test"):
        return host.call("vandal", "parse", VIEW, ref=ref, config={"misdeed": misdeed}, secrets={})

    return one


@pytest.fixture
def opened(call):
    """The circuit after five faults."""
    for _ in range(circuits.FAULTS_TO_OPEN):
        assert call("raises").failure is Failure.BUG
    return Circuit.objects.get()


def due(circuit):
    """Let the time of the next try come."""
    Circuit.objects.filter(pk=circuit.pk).update(probe_at=timezone.now() - timedelta(seconds=1))
    state.changed()


def test_four_faults_leave_it_shut(call):
    for _ in range(circuits.FAULTS_TO_OPEN - 1):
        call("raises")
    assert not Circuit.objects.exists()
    assert call("stores_well").ok


def test_five_faults_open_it_and_work_waits(call, opened):
    outcome = call("stores_well")
    assert isinstance(outcome, CircuitOpen)
    assert outcome.waits
    assert not outcome.called
    assert 0 < outcome.retry_after <= 30
    assert PluginRun.objects.count() == circuits.FAULTS_TO_OPEN


def test_an_open_circuit_raises_an_alarm_with_a_next_step(opened):
    alarm = Alarm.objects.get(code="plugin.circuit_open")
    assert alarm.key == "vandal:test:parse"
    assert alarm.cleared_at is None


def test_other_instances_and_methods_go_on(host, call, opened):
    assert call("stores_well", ref="other").ok
    assert host.call("vandal", "diagnostics", config={"misdeed": "raises"}, secrets={}).called


def test_old_faults_do_not_count(call):
    for _ in range(circuits.FAULTS_TO_OPEN - 1):
        call("raises")
    PluginRun.objects.update(at=timezone.now() - timedelta(minutes=11))
    call("raises")
    assert not Circuit.objects.exists()


def test_declared_failures_do_not_count(call):
    for _ in range(circuits.FAULTS_TO_OPEN * 2):
        assert call("signs_in_wrongly").failure is Failure.AUTH
    assert not Circuit.objects.exists()


def test_a_good_trial_closes_it_and_clears_the_alarm(call, opened):
    due(opened)
    assert call("stores_well").ok
    assert Circuit.objects.get().state == Circuit.State.CLOSED
    assert Alarm.objects.get(code="plugin.circuit_open").cleared_at is not None
    assert call("stores_well").ok


def test_a_bad_trial_waits_twice_as_long(call, opened):
    due(opened)
    assert call("raises").failure is Failure.BUG
    again = Circuit.objects.get()
    assert again.state == Circuit.State.OPEN
    assert again.probe_at > timezone.now() + circuits.FIRST_WAIT * 1.9


def test_only_one_caller_gets_the_trial(opened):
    due(opened)
    place = ("vandal", "test", "parse")
    assert circuits.admits(place) == (True, 0.0)
    assert circuits.admits(place)[0] is False


def test_five_new_faults_are_needed_after_it_was_closed(call, opened, actor):
    services.close_circuit(opened, actor)
    call("raises")
    assert Circuit.objects.get().state == Circuit.State.CLOSED


def test_a_person_closes_it_on_the_record(call, opened, actor):
    assert services.close_circuit(opened, actor, "mended") is True
    assert services.close_circuit(opened, actor) is False
    event = Event.objects.get(type="plugin.circuit_closed")
    assert event.stream == "configuration"
    assert event.data["reason"] == "mended"
    assert call("stores_well").ok


def test_a_health_check_brings_the_trial_forward(host, opened, monkeypatch):
    from console.plugin_host import instances

    Circuit.objects.update(plugin="neighbour")
    state.changed()
    known = instances.Instance(ref="test", connector="neighbour")
    monkeypatch.setattr(instances, "_sources", [lambda ref: known if ref == "test" else None])
    assert services.probe_open_circuits() == 1
    assert Circuit.objects.get().probe_at <= timezone.now()


def test_a_full_pool_counts_as_an_open_circuit(host, monkeypatch, settings):
    from console.plugin_host import threads

    monkeypatch.setattr(threads, "pool_of", lambda name: threads.Pool(name, 0))
    outcome = host.call("neighbour", "parse", VIEW)
    assert isinstance(outcome, CircuitOpen)
    assert not PluginRun.objects.exists()
