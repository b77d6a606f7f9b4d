from contextlib import contextmanager

import pytest
from django.db import connection

from console.foundation import crypto, numbers


@contextmanager
def table_of(model, blocker):
    """A table for a model of one test module, made outside of any test's transaction."""
    with blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(model)
    yield model
    with blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(model)


@pytest.fixture(autouse=True)
def fresh_process_state():
    """Number blocks and keyrings live in the process; a rolled-back database must not meet an older test's."""
    numbers.reset()
    yield
    numbers.reset()


@pytest.fixture
def home(settings, tmp_path):
    """A home of its own, with keys of its own."""
    settings.HUIYIN_HOME = tmp_path
    settings.HUIYIN_KEYS = ""
    crypto.reload_keys()
    yield tmp_path
    crypto.reload_keys()
