import pytest

from console.events.models import Event
from console.plugin_host import services, state
from console.plugin_host.models import HostStamp, PluginProblem, PluginState
from console.plugin_host.problems import Problem


def test_a_change_moves_the_stamp_every_process_looks_at(host, actor):
    services.set_enabled("neighbour", False, actor, "why")
    first = HostStamp.objects.get().number
    services.set_enabled("neighbour", True, actor, "why")
    assert HostStamp.objects.get().number == first + 1


def test_one_row_per_plugin_and_scope(host, actor):
    for scope in (None, None, "3", "3", ""):
        services.set_enabled("neighbour", False, actor, "why", scope=scope)
    assert sorted(str(row) for row in PluginState.objects.all()) == ["neighbour@*", "neighbour@3"]


def test_a_reason_is_asked_for(host, actor):
    with pytest.raises(services.NotPossible):
        services.set_enabled("neighbour", False, actor, "  ")
    assert not Event.objects.filter(type="plugin.disabled").exists()


def test_what_cannot_run_cannot_be_switched_on(host, actor):
    with pytest.raises(services.NotPossible):
        services.set_enabled("ghost", True, actor, "please")


def test_another_process_is_heard(host, actor, monkeypatch):
    """The row and the stamp changed behind this process's back."""
    assert state.is_enabled("neighbour", None, bundled=True)
    PluginState.objects.create(plugin="neighbour", scope=None, enabled=False)
    HostStamp.objects.update_or_create(pk=1, defaults={"number": 99})
    monkeypatch.setattr(state, "LOOK_SECONDS", 0.0)
    assert not state.is_enabled("neighbour", None, bundled=True)


def test_outside_plugins_are_off_until_switched_on(db):
    state.look_again()
    assert state.is_enabled("outsider", None, bundled=False) is False


def test_problems_are_kept_until_mended(db):
    services.record_problems([Problem("a", "import", "x"), Problem("b", "not_allowed")])
    assert [str(row) for row in PluginProblem.objects.all()] == ["a: import"]
    services.record_problems([])
    assert not PluginProblem.objects.exists()


def test_duties_are_registered():
    from console.foundation import work

    assert {name for name in work._duties if name.startswith("plugin_host.")} == {
        "plugin_host.probe",
        "plugin_host.counts",
        "plugin_host.health",
        "plugin_host.problems",
        "plugin_host.prune",
    }
