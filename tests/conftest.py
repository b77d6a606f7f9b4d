"""Fixtures every test may use. Databases: SQLite by default, PostgreSQL through DATABASE_URL."""

import os

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Let several runs share one server: HUIYIN_TEST_DB names this run's database."""
    name = os.environ.get("HUIYIN_TEST_DB")
    database = settings.DATABASES["default"]
    if name and not database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = f"test_huiyin_{name}"
