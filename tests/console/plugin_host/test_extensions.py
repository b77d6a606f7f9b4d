"""Extensions: admitted by their manifest, in order, asked, heard, and well or not."""

from pathlib import Path

import pytest
from django.urls import reverse

from console.events.models import Alarm
from console.plugin_api import extensions as api
from console.plugin_host import extensions, health, loader
from console.plugin_host.admit import Refused
from console.plugin_host.context import HostStore
from console.plugin_host.discovery import BUNDLED, Found
from console.plugin_host.kinds import BY_KIND
from console.plugin_host.manifest import ManifestError, from_table
from console.plugin_host.models import PluginHealth
from console.plugin_host.testing import hosting

SAMPLE = Path(__file__).resolve().parents[2] / "plugins" / "sample"
TABLE = {
    "slug": "mine",
    "name": {"en": "Mine", "zh-hans": "我的"},
    "version": "1",
    "requires_api": ">=0.13",
}


@pytest.fixture
def helper(db):
    with hosting((SAMPLE, "tests.plugins.sample"), only={"helper"}) as host:
        assert host.registry.problems == []
        yield host


class Good(api.CaseEventHandler):
    slug, label, event_types = "good", "Good", ("case.opened",)

    def handle(self, event):
        return None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slug": "No Slug"}, "not well formed"),
        ({"label": ""}, "label is missing"),
        ({"event_types": ()}, "names no event"),
        ({"event_types": ("*",)}, "names no event"),
        ({"event_types": "case.*"}, "expected tuple"),
        ({"priority": "first"}, "expected int"),
        ({"handle": api.CaseEventHandler.handle}, "has no handle"),
        ({"handle": lambda self: None}, "handle"),
    ],
)
def test_what_is_wrong_with_a_class_is_named(change, words):
    with pytest.raises(Refused, match=words):
        BY_KIND["event_handler"].admit("mine", type("Bad", (Good,), change))


def test_a_page_names_who_may_open_it():
    page = type(
        "Page", (api.HubPage,), {"slug": "page", "label": "Page", "draw": lambda self, query: [], "permission": ""}
    )
    with pytest.raises(Refused, match="permission is missing"):
        BY_KIND["hub_page"].admit("mine", page)


def admitted(kinds, events, item, hook="register_case_event_handlers"):
    manifest = from_table({**TABLE, "kinds": kinds, "events": events}, "mine")
    registry = loader.Registry(found=[Found("mine", BUNDLED, "mine", Path(), manifest)])
    loader._admit_item(registry, "mine", hook, item)
    return registry


def test_only_what_the_manifest_declares_is_let_in():
    assert admitted(["event_handler"], ["case.*"], Good).entries
    (problem,) = admitted(["health_check"], [], Good).problems
    assert "does not name the kind 'event_handler'" in problem.detail
    (problem,) = admitted(["event_handler"], ["message.*"], Good).problems
    assert "does not name" in problem.detail


@pytest.mark.parametrize(("kinds", "events"), [(["event_handler"], []), (["channel"], ["case.*"])])
def test_events_and_their_kind_belong_together(kinds, events):
    with pytest.raises(ManifestError, match="events belong"):
        from_table({**TABLE, "kinds": kinds, "events": events}, "mine")


def test_all_types_of_event_are_too_many():
    with pytest.raises(ManifestError, match="no type of event"):
        from_table({**TABLE, "kinds": ["event_handler"], "events": ["*"]}, "mine")


def test_order_is_priority_then_name(helper, monkeypatch):
    first = type(
        "First", (api.DeskPanel,), {"slug": "zz", "label": "Z", "priority": 1, "show": lambda self, case: None}
    )
    entry = BY_KIND["desk_panel"].admit("helper", first)
    monkeypatch.setitem(helper.registry.entries, ("desk_panel", "zz"), entry)
    assert [one.slug for one in extensions.of("desk_panel")] == ["zz", "limits"]


def test_a_plugin_that_is_off_offers_nothing(helper):
    assert extensions.exist("desk_panel")
    helper.switch("helper", False)
    assert extensions.of("desk_panel") == []
    assert extensions.one("hub_page", "ledger") is None


def test_health_is_kept_told_and_forgotten(helper):
    (row,) = health.check()
    assert row.is_well
    assert "4111111111111111" not in row.detail
    HostStore("helper", "health_check:core").set("state", "down")
    (row,) = health.check()
    assert row.state == "down"
    assert Alarm.objects.open().filter(code=health.ALARM, key="helper:core").exists()
    HostStore("helper", "health_check:core").set("state", "ok")
    health.check()
    assert not Alarm.objects.open().filter(code=health.ALARM).exists()
    helper.switch("helper", False)
    health.check()
    assert not PluginHealth.objects.exists()


def test_since_stays_while_the_state_does(helper):
    (first,) = health.check()
    (second,) = health.check()
    assert second.since == first.since
    assert second.at > first.at


def test_the_plugins_page_says_what_it_may_see_and_how_it_is(helper, admin_client):
    HostStore("helper", "health_check:core").set("state", "degraded")
    address = reverse("admin:plugin_host_check", args=["helper"])
    assert admin_client.post(address).status_code == 302
    html = admin_client.get(reverse("admin:plugin_host_pluginstate_changelist")).content.decode()
    assert "core" in html
    assert "register_desk_panels" in html
    switch = admin_client.get(reverse("admin:plugin_host_switch", args=["helper"])).content.decode()
    assert str(BY_KIND["desk_panel"].sees) not in switch  # it is on: nothing new is handed over by switching it off
    helper.switch("helper", False)
    switch = admin_client.get(reverse("admin:plugin_host_switch", args=["helper"])).content.decode()
    assert "<li>" in switch
