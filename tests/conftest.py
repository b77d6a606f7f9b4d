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
from django.db import connection, connections

from tests.counterparts.postgres import template
from tests.services import require

pytest_plugins = ["console.plugin_api.testing"]
CACHE = Path(tempfile.gettempdir()) / "huiyin-test-databases"
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can see a difference between the databases; pytest-django refuses the database to everything else.

    A browser sees none: what stands behind a page has tests of its own on both.
    """
    for item in items:
        marked = item.get_closest_marker("django_db") or item.get_closest_marker("journey")
        if marked or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
        if any("chromium" in mark.args for mark in item.iter_markers("service")):
            item.add_marker("once")


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


@pytest.fixture(autouse=True)
def nobody_outside_listens() -> None:
    """Webhooks are remembered over transactions; a test's rows are rolled back."""
    from console.api.outgoing.wanted import wishes

    wishes.rest()


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
    from tests.factories.cases import record_cn_bank

    with django_db_blocker.unblock():
        old = connection.settings_dict["NAME"]
        fresh = _Sqlite() if connection.vendor == "sqlite" else _Postgres()
        fresh.prepare(migrations_hash())
        connection.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=True, serialize=False)
        record_cn_bank()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        fresh.remove()
        connection.settings_dict["NAME"] = old


class _Sqlite:
    target = property(lambda self: Path(connection.settings_dict["TEST"]["NAME"]))

    def prepare(self, key: str) -> None:
        CACHE.mkdir(exist_ok=True)
        kept = CACHE / f"{key}.sqlite3"
        if kept.exists():
            shutil.copyfile(kept, self.target)
            return
        _migrate_into(str(self.target))
        partial = kept.with_suffix(f".{os.getpid()}")
        # A plain copy would miss what still stands in the write-ahead log.
        with (
            contextlib.closing(sqlite3.connect(self.target)) as source,
            contextlib.closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        partial.rename(kept)

    def remove(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.target}{ending}").unlink(missing_ok=True)


class _Postgres:
    target = property(lambda self: connection.settings_dict["TEST"]["NAME"])

    def prepare(self, key: str) -> None:
        connection.ops.sql_flush = _empty_what_is_filled
        self.remove()
        with template(key) as (server, name, known):
            server.execute(f'CREATE DATABASE "{self.target}"' + (f' TEMPLATE "{name}"' if known else ""))
            if not known:
                _migrate_into(self.target)
                server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.target}"')

    def remove(self) -> None:
        """By force: a thread or a child process of a test may still hold a connection."""
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.target}" WITH (FORCE)')


def _empty_what_is_filled(style, tables, *, reset_sequences=False, allow_cascade=False) -> list[str]:
    """After a test that commits. TRUNCATE gives each of some 200 tables new files; a test fills a few of them."""
    quoted = [connection.ops.quote_name(table) for table in tables]
    ask = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in quoted)
    with connection.cursor() as cursor:
        cursor.execute(ask)
        filled = [name for (name,) in cursor.fetchall()]
    return ["SET CONSTRAINTS ALL DEFERRED", *(f"DELETE FROM {name}" for name in filled)]


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
