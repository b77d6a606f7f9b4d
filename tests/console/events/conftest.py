import pytest

from console.events.registry import registry, subscribe


@pytest.fixture(autouse=True)
def nobody_listens():
    """This room's tests meet no other room's listeners."""
    before = dict(registry.by_name)
    for name in before:
        registry.remove(name)
    yield
    for name in list(registry.by_name):
        registry.remove(name)
    for subscription in before.values():
        registry.add(subscription)


@pytest.fixture
def listen():
    """Subscribe for the length of a test."""
    return subscribe
