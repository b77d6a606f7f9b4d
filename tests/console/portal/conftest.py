"""The customers' pages over the real form connector and, for what goes out, the in-test mailbox."""

import time

import pytest
from django.core.cache import caches
from django.test import Client
from wagtail.models import Page, Site

from cms.services import lay_site
from console.cases import config
from console.channels.models import ChannelAccount
from console.channels.services import parse_pending
from console.events.services import deliveries
from console.foundation import numbers
from console.foundation.work import drain_all
from console.outreach import rendering
from console.plugin_host.testing import hosting
from console.portal import tokens
from tests.console.channels.conftest import _forgetful, the_line  # noqa: F401  fixtures
from tests.factories.cases import cn_bank
from tests.factories.channels import WIRE, AccountFactory
from tests.factories.staff import TeamFactory


@pytest.fixture(autouse=True)
def _fresh_memory():
    for forget in (config.forget, numbers.reset, rendering.forget, caches["shared"].clear):
        forget()
    yield
    for forget in (config.forget, numbers.reset, rendering.forget, caches["shared"].clear):
        forget()


@pytest.fixture
def channels(db):
    """The installed form connector, and the in-test mailbox for what goes out."""
    from django.conf import settings

    with hosting(WIRE, (settings.BASE_DIR / "plugins", "plugins"), only={"wire", "webform"}):
        yield the_line


@pytest.fixture
def form(channels):
    """An open form account in a bank set up as shipped."""
    cn_bank()
    if Page.objects.filter(depth=1).exists():  # a flushed database has no root to stand on
        lay_site()
    team = TeamFactory()
    return ChannelAccount.objects.create(
        connector="webform", channel_kind="webform", name="form", state="active", team=team, site=team.site
    )


@pytest.fixture
def mailbox(form):
    return AccountFactory(site=form.site)


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def patient(monkeypatch):
    """Every form was opened a minute ago."""
    real = time.time
    monkeypatch.setattr(tokens.time, "time", lambda: real() - 60)
    yield monkeypatch.setattr(tokens.OpenForm, "age", property(lambda self: 60.0))
    Site.clear_site_root_paths_cache()


def work():
    """Everything workers would do until nothing is due."""
    parse_pending()
    deliveries.drain()
    drain_all()
