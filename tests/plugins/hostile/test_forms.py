"""A configuration form that misbehaves costs a message on a page and nothing else."""

import time

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from console.channels.models import ChannelAccount
from console.plugin_host import credentials, runner
from console.plugin_host.config_forms import config_page
from console.plugin_host.models import PluginRun
from console.plugin_host.outcomes import Failure
from tests.factories.channels import AccountFactory
from tests.factories.staff import make_user

MISDEEDS = ["raises", "exits", "interrupts", "pretends_time_out", "uses_the_database", "opens_a_transaction"]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setitem(runner.BUDGETS, "config_form", 0.5)


@pytest.fixture
def hub(host):
    client = Client()
    client.force_login(make_user("administrator"))
    return client


def typed(**values):
    return QueryDict("&".join(f"config-{name}={value}" for name, value in values.items()))


def test_a_form_that_behaves_comes_back_drawn_and_cleaned(host):
    page = config_page("vandal", "", {"misdeed": "", "host": "kept out of the form"})
    assert [(one.name, one.label) for one in page.fields] == [("misdeed", "Misdeed"), ("password", "Password")]
    assert page.usable
    assert not page.valid
    filled = config_page("vandal", "", {}, data=typed(misdeed="", password="s3cret-word"))
    assert (filled.valid, filled.plain, filled.secrets) == (True, {"misdeed": ""}, {"password": "s3cret-word"})
    assert not any("s3cret-word" in one.html for one in filled.fields)


@pytest.mark.parametrize("misdeed", MISDEEDS)
@pytest.mark.parametrize("moment", ["made", "checked"])
def test_whatever_a_form_raises_is_a_bug_of_the_plugin(host, misdeed, moment):
    config = {"making": misdeed} if moment == "made" else {}
    page = config_page("vandal", "", config, data=typed(misdeed=misdeed))
    assert (page.usable, page.valid, page.outcome.failure) == (False, False, Failure.BUG)
    assert PluginRun.objects.get().method == "config_form"


@pytest.mark.parametrize("misdeed", ["sleeps", "spins", "swallows_time_outs"])
def test_a_form_that_hangs_is_left_at_its_budget(host, misdeed):
    started = time.monotonic()
    page = config_page("vandal", "", {}, data=typed(misdeed=misdeed))
    assert page.outcome.failure is Failure.TIMEOUT
    assert time.monotonic() - started < 2


def test_a_password_in_an_error_is_not_written_down(host):
    config_page("vandal", "", {}, data=typed(misdeed="leaks_what_it_was_given", password="s3cret-word"))
    run = PluginRun.objects.get()
    assert "was typed" in run.trace
    assert "s3cret-word" not in f"{run.message}{run.trace}"


@pytest.mark.parametrize("misdeed", ["raises", "exits", "sleeps"])
def test_the_page_says_so_and_keeps_what_was_stored(hub, misdeed):
    account = AccountFactory(connector="vandal", channel_kind="chat", config={"making": misdeed})
    credentials.store(account.ref, {"password": "s3cret-word"}, _actor())
    address = reverse("admin:channels_channelaccount_change", args=[account.pk])
    for answer in (hub.get(address), hub.post(address, {"name": "new", "language": "zh-hans"})):
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
    account.refresh_from_db()
    assert (account.config, credentials.read(account.ref)) == ({"making": misdeed}, {"password": "s3cret-word"})


def test_a_connector_that_is_switched_off_or_gone_has_a_sentence(hub):
    gone = AccountFactory(connector="nowhere", channel_kind="chat")
    page = hub.get(reverse("admin:channels_channelaccount_change", args=[gone.pk]))
    assert "nowhere" in page.content.decode()
    assert ChannelAccount.objects.count() == 1


def _actor():
    from console.events import Actor

    return Actor("staff", "1", "admin")
