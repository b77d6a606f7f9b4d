import pytest

from console.events.registry import registry, subscribe


@pytest.fixture
def listen():
    """Subscribe for the length of a test, with no other room listening."""
    before = dict(registry.by_name)
    for name in before:
        registry.remove(name)
    yield subscribe
    for name in list(registry.by_name):
        registry.remove(name)
    for subscription in before.values():
        registry.add(subscription)
