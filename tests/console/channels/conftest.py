import pytest

from console.channels import door, gateway
from console.channels.policy import rules
from console.plugin_host.testing import hosting
from tests.console.channels.plugins.wire.plugin import line as the_line
from tests.factories.channels import WIRE, AccountFactory, sms_account


@pytest.fixture(autouse=True)
def _forgetful(settings, tmp_path):
    """Tests roll the database back; what is kept in memory and on disk goes with it."""
    settings.VAULT_ROOT = tmp_path / "vault"
    rules.forget()
    door._accounts.clear()
    gateway._kept.handles.clear()
    the_line.reset()
    yield
    rules.forget()


@pytest.fixture
def line(db):
    """The in-test connectors in place of the installed ones, and the far end of their line."""
    with hosting(WIRE):
        yield the_line


@pytest.fixture
def account(line):
    return AccountFactory()


@pytest.fixture
def sms(line):
    return sms_account()
