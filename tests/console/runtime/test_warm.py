"""What the parent loads before it forks: pages, plugins and both languages, out of the collector's sight."""

import gc
import logging

import pytest

from console.plugin_host import loader
from console.runtime import warm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _thaw():
    yield
    gc.unfreeze()


def test_plugins_are_loaded_and_everything_is_frozen():
    former = loader.replace_registry(None)
    try:
        warm.warm()
        assert "email" in {found.slug for found in loader._memory.registry.found}
    finally:
        loader.replace_registry(former)
    assert gc.get_freeze_count() > 100_000


@pytest.mark.parametrize("hosts", [["voice.bank.example"], [".bank.example", "hub.bank.example"], ["*"]])
def test_pages_are_served_whatever_the_host_is_called_and_nothing_is_logged(settings, hosts, caplog):
    settings.ALLOWED_HOSTS = hosts
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    with caplog.at_level(logging.WARNING):
        answers = {path: warm._ask(path)[:3] for path in warm.PAGES}
    # A test that commits leaves no pages behind; what matters is that nobody is sent away or refused.
    assert set(answers.values()) <= {"200", "404"}, answers
    assert not [record for record in caplog.records if "HTTP_HOST" in record.getMessage()]
