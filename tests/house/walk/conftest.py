"""The world of the walk: built once a module inside a transaction that is rolled back after it."""

import logging

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from console.cases import config
from console.channels import gateway
from console.channels.policy import rules
from console.foundation import numbers
from console.plugin_host.testing import hosting
from tests.factories.channels import WIRE

from .visiting import Undrawn, Visitor, undone, unframed
from .world import World


def forget() -> None:
    """What is kept in memory goes with the database."""
    config.forget()
    numbers.reset()
    rules.forget()
    gateway._kept.handles.clear()
    for name in caches:
        caches[name].clear()


@pytest.fixture(scope="module")
def world_of_module(django_db_setup, django_db_blocker, tmp_path_factory):
    logging.disable(logging.ERROR)
    files = tmp_path_factory.mktemp("walk")
    with (
        django_db_blocker.unblock(),
        override_settings(
            VAULT_ROOT=files / "vault",
            MEDIA_ROOT=files / "media",
            MIDDLEWARE=[*settings.MIDDLEWARE, f"{Undrawn.__module__}.{Undrawn.__qualname__}"],
        ),
        hosting(WIRE),
        unframed(),
        undone(),
    ):
        forget()
        yield World()
    forget()
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(world_of_module, db):
    """Inside the module's transaction, each test in a savepoint of its own."""
    return world_of_module


@pytest.fixture
def visitor(world):
    return Visitor(world)
