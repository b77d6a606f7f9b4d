import sys

import pytest
from django.db import connection

from .sample import MODELS, make_subject


@pytest.fixture(scope="package")
def sample_tables(django_db_setup, django_db_blocker):
    """The sample's tables, made outside any test's transaction."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
        yield
        with connection.schema_editor() as editor:
            for model in reversed(MODELS):
                editor.delete_model(model)


@pytest.fixture
def about():
    return make_subject()


@pytest.fixture
def case_subject(about, monkeypatch):
    """The sample under a name of its own among the registered subjects."""
    # The package exports a function of the same name as the module.
    registered = sys.modules["console.lowcode.conditions.subject"]._subjects
    monkeypatch.setitem(registered, "thing", about)
    return "thing"
