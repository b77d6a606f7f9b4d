"""The plugins page of the hub."""

import pytest
from django.urls import reverse

from console.events.models import Event
from console.plugin_api.channels import EnvelopeView
from console.plugin_host.models import Circuit, PluginHour, PluginState

PAGE = "admin:plugin_host_pluginstate_changelist"
VIEW = EnvelopeView(raw=b"x")


@pytest.fixture
def page(host, admin_client, admin_user):
    def read(language="en"):
        type(admin_user).objects.filter(pk=admin_user.pk).update(language=language)
        admin_client.cookies["django_language"] = language
        return admin_client.get(reverse(PAGE), headers={"accept-language": language}).content.decode()

    return read


def fail(host, times=5):
    for _ in range(times):
        host.call("vandal", "parse", VIEW, config={"misdeed": "leaks"}, secrets={"password": "very-secret-word"})


def test_every_plugin_is_a_card(page):
    html = page()
    for slug in ("vandal", "neighbour"):
        assert f'id="plugin-{slug}"' in html
    assert "register_channel_connectors" in html


def test_an_open_circuit_shows_cause_next_step_and_buttons(host, page):
    fail(host)
    html = page()
    assert reverse("admin:plugin_host_close", args=[Circuit.objects.get().pk]) in html
    assert "RuntimeError" in html
    assert "very-secret-word" not in html


def test_the_buttons_close_and_check(host, page, admin_client):
    fail(host)
    circuit = Circuit.objects.get()
    assert admin_client.get(reverse("admin:plugin_host_close", args=[circuit.pk])).status_code == 405
    assert admin_client.post(reverse("admin:plugin_host_health", args=[circuit.pk])).status_code == 302
    assert admin_client.post(reverse("admin:plugin_host_close", args=[circuit.pk])).status_code == 302
    circuit.refresh_from_db()
    assert circuit.state == Circuit.State.CLOSED
    assert Event.objects.get(type="plugin.circuit_closed").actor_kind == "staff"


def test_switching_asks_for_a_reason(host, admin_client):
    address = reverse("admin:plugin_host_switch", args=["neighbour"])
    assert admin_client.get(address).status_code == 200
    refused = admin_client.post(address, {"enabled": "0", "reason": " "})
    assert refused.status_code == 200
    assert not PluginState.objects.exists()
    assert admin_client.post(address, {"enabled": "0", "reason": "maintenance"}).status_code == 302
    assert PluginState.objects.get().enabled is False
    event = Event.objects.get(type="plugin.disabled")
    assert (event.stream, event.data["plugin"]) == ("configuration", "neighbour")


def test_every_account_of_a_plugin_is_asked(host, admin_client, monkeypatch):
    from console.plugin_host import instances

    known = {ref: instances.Instance(ref=ref, connector="neighbour") for ref in ("one", "two")}
    monkeypatch.setattr(instances, "_sources", [known.get])
    address = reverse("admin:plugin_host_check", args=["neighbour"])
    assert admin_client.get(address).status_code == 405
    for ref in known:
        assert host.call("neighbour", "parse", VIEW, ref=ref).ok
    html = admin_client.post(address, follow=True).content.decode()
    assert "health_check" in set(PluginHour.objects.values_list("method", flat=True))
    assert "均正常" in html


def test_a_scope_can_be_switched_back(host, admin_client):
    address = reverse("admin:plugin_host_switch", args=["neighbour"])
    admin_client.post(address, {"enabled": "0", "reason": "branch closed", "scope": "3"})
    assert f"{address}?scope=3" in admin_client.get(reverse(PAGE)).content.decode()
    assert 'name="enabled" value="1"' in admin_client.get(f"{address}?scope=3").content.decode()
    assert 'name="enabled" value="0"' in admin_client.get(address).content.decode()


def test_a_plugin_that_could_not_be_imported_cannot_run(db):
    from pathlib import Path

    from console.plugin_host import queries
    from console.plugin_host.testing import hosting

    hostile = Path(__file__).resolve().parents[2] / "plugins" / "hostile"
    with hosting((hostile, "tests.plugins.hostile"), only={"raises_at_import"}):
        (card,) = queries.cards()
    assert card.tone == "wrong"


def test_failed_calls_have_a_page(host, admin_client):
    fail(host, 1)
    html = admin_client.get(reverse("admin:plugin_host_runs", args=["vandal"])).content.decode()
    assert "misdeeds.py" in html
    assert "very-secret-word" not in html


@pytest.mark.parametrize(
    ("name", "args"),
    [
        (PAGE, []),
        ("admin:plugin_host_switch", ["neighbour"]),
        ("admin:plugin_host_runs", ["neighbour"]),
        ("admin:plugin_host_check", ["neighbour"]),
        ("admin:plugin_host_close", [1]),
        ("admin:plugin_host_health", [1]),
    ],
)
def test_people_without_permission_are_refused(host, client, django_user_model, name, args):
    user = django_user_model.objects.create_user("agent9", password="x", is_staff=True)
    client.force_login(user)
    assert client.post(reverse(name, args=args)).status_code in (302, 403)
    assert client.get(reverse(name, args=args)).status_code in (302, 403)


def test_the_page_costs_few_queries_whatever_the_number_of_plugins(host, django_assert_max_num_queries):
    from console.plugin_host import queries

    fail(host)
    with django_assert_max_num_queries(7):
        queries.cards()


def test_both_languages(page):
    assert "All failed calls" not in page("zh-hans")
    assert "正在运行" in page("zh-hans")
    assert "Running" in page("en")
