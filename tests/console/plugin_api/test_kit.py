"""The kit must be able to fail: connectors with one fault each, and the check that finds it."""

import pytest

from console.plugin_api.channels import IdentityEvidence, IdentityLevel, SendResult, Verified
from console.plugin_api.errors import RetryLater
from tests.plugins.sample import test_relay
from tests.plugins.sample.relay.channel import Relay


def kit(**faults):
    """The sample's conformance tests over a connector with these methods replaced."""
    broken = type("Broken", (Relay,), faults)
    return type("Kit", (test_relay.TestRelay,), {"connector": broken, "package": "tests.plugins.sample.relay"})()


def drifting(self, envelope):
    self.count = getattr(self, "count", 0) + 1
    items = Relay.parse(self, envelope)
    return items * 2 if id(self) % 32 == -1 else [*items, self._item({"kind": str(id(self)), "at": 1})]


def storing(self, envelope):
    self.ctx.store.set("seen", 1)
    return Relay.parse(self, envelope)


def fragile(self, envelope):
    return [envelope.raw.decode("utf-8")] and Relay.parse(self, envelope)


FAULTS = {
    "test_recorded_payloads": ({"parse": lambda self, envelope: []}, ("subject", "network_guard")),
    "test_same_payload_twice_is_the_same_message": ({"parse": drifting}, ("subject", "connector_instance")),
    "test_parse_is_pure": ({"parse": storing}, ("connector_instance", "fake_context", "network_guard")),
    "test_garbage_is_parsed_or_refused_by_contract": ({"parse": fragile}, ("subject", "network_guard")),
    "test_identity_never_exceeds_what_is_declared": (
        {"assess_identity": lambda self, inbound: IdentityEvidence(level=IdentityLevel.L3)},
        ("subject",),
    ),
    "test_bad_and_missing_signatures_are_rejected": (
        {"verify": lambda self, envelope: Verified()},
        ("subject",),
    ),
    "test_secrets_never_show": (
        {"diagnostics": lambda self: dict(self.account.secrets)},
        ("connector_instance", "fake_context"),
    ),
    "test_older_configurations_are_brought_along": (
        {"migrate_config": classmethod(lambda cls, config, version: {**config, "again": config.get("again", 0) + 1})},
        (),
    ),
}


@pytest.mark.parametrize("check", FAULTS)
def test_the_kit_finds_the_fault(check, request):
    faults, names = FAULTS[check]
    suite = kit(**faults)
    needs = {name: request.getfixturevalue(name) for name in names if name != "subject"}
    if "subject" in names:
        needs["subject"] = suite.make(request.getfixturevalue("connector_instance"))
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        getattr(suite, check)(**needs)


@pytest.mark.parametrize(
    ("scenario", "wrong"),
    [
        ("accepted", lambda self, message, key: SendResult.unknown()),
        ("lost_after", lambda self, message, key: SendResult.retry_later(5)),
        ("refused", lambda self, message, key: SendResult.rejected("")),
    ],
)
def test_the_kit_finds_wrong_answers_of_send(scenario, wrong, connector_instance, fake_http):
    suite = kit(send=wrong)
    subject = suite.make(connector_instance)
    with pytest.raises(AssertionError):
        suite.test_send(scenario, subject, fake_http)


def test_the_kit_asks_for_payloads(connector_instance):
    suite = kit()
    suite.payloads = None
    with pytest.raises(pytest.fail.Exception):
        suite.test_recorded_payloads(suite.make(connector_instance), None)


def test_locks_of_the_double_are_refused_at_once(fake_context):
    with fake_context.lock("refresh"), pytest.raises(RetryLater), fake_context.lock("refresh"):
        pass


def test_the_store_of_the_double_forgets_by_the_clock(fake_context, frozen_clock):
    fake_context.store.set("token", "a", seconds=60)
    frozen_clock.tick(59)
    assert fake_context.store.get("token") == "a"
    frozen_clock.tick(2)
    assert fake_context.store.get("token") is None
