from pathlib import Path

import pytest

from console.plugin_host import loader
from console.plugin_host.testing import hosting

HOSTILE = Path(__file__).parent


@pytest.fixture(autouse=True)
def short_budgets(monkeypatch):
    monkeypatch.setattr(loader, "IMPORT_BUDGET", 1.0)


@pytest.fixture
def host(db):
    """The vandal and its neighbour, loaded."""
    with hosting((HOSTILE, "tests.plugins.hostile"), only={"vandal", "neighbour"}) as host:
        yield host


@pytest.fixture
def vandal(host):
    """Call one method of the vandal that commits one misdeed."""

    def call(method, misdeed, *args, budget=0.4, secrets=None, **config):
        return host.call(
            "vandal", method, *args, budget=budget, secrets=secrets or {}, config={"misdeed": misdeed, **config}
        )

    return call
