"""Fixtures every test may use. Databases: SQLite by default, PostgreSQL through DATABASE_URL.

A migrated database is kept under a hash of all migrations and copied for each run, so a run starts in seconds.
"""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tests.services import require

pytest_plugins = ["console.plugin_api.testing"]
CACHE = Path(tempfile.gettempdir()) / "huiyin-test-databases"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("service"):
        for name in mark.args:
            require(name)


def migrations_hash() -> str:
    """Changes with any migration of any installed application, ours or a library's."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda config: config.name):
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(autouse=True)
def ids_follow_the_clock_again() -> None:
    """Identifiers never go back in time; a test that froze a later date must not carry the next ones along."""
    from console.foundation import ids

    ids._generator.reset()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Let several runs share one server: HUIYIN_TEST_DB names this run's database."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        name = os.environ.get("HUIYIN_TEST_DB", str(os.getpid()))
        database.setdefault("TEST", {})["NAME"] = f"test_huiyin_{name}"
        connection.settings_dict["TEST"]["NAME"] = database["TEST"]["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings, django_db_blocker) -> None:
    """Create the test database from the cached migrated one, making that first when migrations changed."""
    with django_db_blocker.unblock():
        old = connection.settings_dict["NAME"]
        fresh = _Sqlite() if connection.vendor == "sqlite" else _Postgres()
        fresh.prepare(migrations_hash())
        connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=True, serialize=False)
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(old, verbosity=0)


class _Sqlite:
    def prepare(self, key: str) -> None:
        CACHE.mkdir(exist_ok=True)
        kept = CACHE / f"{key}.sqlite3"
        target = Path(connection.settings_dict["TEST"]["NAME"])
        if kept.exists():
            shutil.copyfile(kept, target)
            return
        _migrate_into(str(target))
        partial = kept.with_suffix(f".{os.getpid()}")
        # A plain copy would miss what still stands in the write-ahead log.
        with (
            contextlib.closing(sqlite3.connect(target)) as source,
            contextlib.closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        partial.rename(kept)


class _Postgres:
    def prepare(self, key: str) -> None:
        template, target = f"huiyin_template_{key}", connection.settings_dict["TEST"]["NAME"]
        if not self._exists(template):
            self._sql(f'DROP DATABASE IF EXISTS "{target}"', f'CREATE DATABASE "{target}"')
            _migrate_into(target)
            self._sql(f'CREATE DATABASE "{template}" TEMPLATE "{target}"')
            return
        self._sql(f'DROP DATABASE IF EXISTS "{target}"', f'CREATE DATABASE "{target}" TEMPLATE "{template}"')

    def _exists(self, name: str) -> bool:
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None

    def _sql(self, *statements: str) -> None:
        with connection.creation._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _migrate_into(name: str) -> None:
    from console.runtime.migrating import migrate

    connection.close()
    before = connection.settings_dict["NAME"]
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    try:
        migrate()
    finally:
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before
