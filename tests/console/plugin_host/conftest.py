from pathlib import Path

import pytest

from console.events import Actor
from console.plugin_host.testing import hosting

HOSTILE = Path(__file__).resolve().parents[2] / "plugins" / "hostile"
PLACE = ("vandal", "test", "parse")


@pytest.fixture
def actor():
    return Actor("staff", "7", "admin")


@pytest.fixture
def host(db):
    """The vandal and its well-behaved neighbour."""
    with hosting((HOSTILE, "tests.plugins.hostile"), only={"vandal", "neighbour"}) as host:
        yield host
