"""Fixtures of the kit."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from console.plugin_api.channels import ChannelConnector
from console.plugin_api.context import AccountView, Secrets

from .fakes import FakeContext, FakeHttp, FrozenClock


@pytest.fixture
def frozen_clock() -> FrozenClock:
    """Time that moves only when told."""
    return FrozenClock()


@pytest.fixture
def fake_http() -> FakeHttp:
    """HTTP with prepared answers."""
    return FakeHttp()


@pytest.fixture
def fake_context(frozen_clock: FrozenClock, fake_http: FakeHttp) -> FakeContext:
    """A context of doubles; its clock and http are the fixtures of the same names."""
    return FakeContext(frozen_clock, fake_http)


@pytest.fixture
def connector_instance(fake_context: FakeContext) -> Callable[..., ChannelConnector]:
    """`connector_instance(MyConnector, config={...}, secrets={...})` gives one with a context of doubles."""

    def make(connector: type[ChannelConnector], **account: Any) -> ChannelConnector:
        secrets = Secrets(account.pop("secrets", {}))
        return connector(AccountView(**{"ref": "test", "secrets": secrets, **account}), fake_context)

    return make


@pytest.fixture
def plugin_host(db: None) -> Any:
    """The product's own host, to load a plugin package and call it as production does.

    Needs the product around the kit, so it is looked up by name: the contract itself imports nothing of ours.
    """
    return import_module("console.plugin_host.testing")


@pytest.fixture
def network_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection attempt fails the test."""

    def refuse(*args: Any, **options: Any) -> Any:
        raise AssertionError("The test reached for the network.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def environment_guard() -> Iterator[None]:
    """A test that changes the environment of the process fails."""
    own = {"PYTEST_CURRENT_TEST"}
    before = {name: value for name, value in os.environ.items() if name not in own}
    yield
    after = {name: value for name, value in os.environ.items() if name not in own}
    assert after == before, "The environment of the process was changed."
