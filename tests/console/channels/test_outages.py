"""The ground gives way: a full disk, a full or locked database. What cannot be stored is not taken from the sender.

Real ones: a small file system, the databases' own refusals, somebody else's lock.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from console.channels import poller
from console.channels.models import ChannelAccount, Envelope
from console.channels.services import parse_pending
from console.events.models import Alarm
from console.plugin_api.channels import EnvelopeView
from tests.console.channels.plugins.wire.plugin import body
from tests.services import require

pytestmark = pytest.mark.django_db(transaction=True)


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own with hardly any room."""
    require("mount")
    place = Path(tempfile.mkdtemp(prefix="huiyin-small-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def make_room(place: Path, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", place], check=True)


@contextlib.contextmanager
def full_database() -> Iterator[None]:
    """No envelope of any size finds room; smaller things may."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count={cursor.fetchone()[0]}")
            yield
            cursor.execute("PRAGMA max_page_count=4294967294")
            return
        with small_disk(2) as place:
            shutil.chown(place, "postgres")
            cursor.execute("CREATE TABLESPACE small LOCATION %s", [str(place)])
            cursor.execute("ALTER TABLE channels_envelope SET TABLESPACE small")
            try:
                yield
            finally:
                cursor.execute("ALTER TABLE channels_envelope SET TABLESPACE pg_default")
                cursor.execute("DROP TABLESPACE small")


@contextlib.contextmanager
def somebody_elses_lock() -> Iterator[None]:
    """Another session holds what we need; we wait a third of a second instead of twenty."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout=300")
            other = sqlite3.connect(name, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
        else:
            cursor.execute("SET lock_timeout = '300ms'")
            other = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})
            other.execute("LOCK TABLE channels_envelope IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            other.close()
            cursor.execute("PRAGMA busy_timeout=20000" if connection.vendor == "sqlite" else "RESET lock_timeout")


def post(account: ChannelAccount, raw: bytes) -> int:
    answer = Client().post(reverse("hook", args=[account.uid]), raw, content_type="application/octet-stream")
    assert answer.status_code == 200 or answer["Retry-After"]
    return answer.status_code


def big(id: str, size: int) -> bytes:
    return body(id, text=os.urandom(size // 2).hex())


def waits(line, id: str, raw: bytes) -> None:
    line.waiting.append(EnvelopeView(raw=raw, provider_ref=id))


def open_alarms() -> set[str]:
    return set(Alarm.objects.open().values_list("code", flat=True))


def test_a_full_disk_leaves_big_letters_with_the_sender(account, line, settings):
    with small_disk(1) as place:
        settings.VAULT_ROOT = place / "vault"
        waits(line, "uid-1", big("m1", 2_000_000))
        assert poller.poll_account(account) == 0
        assert post(account, big("m2", 2_000_000)) == 503
        assert (line.acknowledged, Envelope.objects.count()) == ([], 0)
        assert "channels.store" in open_alarms()
        assert list(place.rglob("*.part")) == []
        assert post(account, body("m3")) == 200

        make_room(place, 40)
        ChannelAccount.objects.update(poll_lease_until=None)
        assert poller.poll_account(account) == 1
        assert post(account, big("m2", 2_000_000)) == 200
        assert "channels.store" not in open_alarms()
        parse_pending()
        assert set(Envelope.objects.values_list("status", flat=True)) == {"parsed"}


def test_a_full_database_leaves_letters_with_the_sender(account, line):
    with full_database():
        answers = [post(account, big(f"m{number}", 400_000)) for number in range(12)]
        stored = answers.count(200)
        assert set(answers) <= {200, 503}
        assert 503 in answers
        waits(line, "uid-1", big("p1", 500_000))
        with contextlib.suppress(OperationalError):
            assert not poller.poll_account(account)
        assert line.acknowledged == []
        assert Envelope.objects.count() == stored
    ChannelAccount.objects.update(poll_lease_until=None)
    assert poller.poll_account(account) == 1
    assert post(account, big("m-late", 400_000)) == 200
    assert Envelope.objects.count() == stored + 2


def test_a_locked_database_leaves_letters_with_the_sender(account, line):
    waits(line, "uid-1", body("p1"))
    with somebody_elses_lock():
        assert post(account, body("m1")) == 503
        with contextlib.suppress(OperationalError):
            assert not poller.poll_account(account)
        assert line.acknowledged == []
    ChannelAccount.objects.update(poll_lease_until=None)
    assert poller.poll_account(account) == 1
    assert post(account, body("m1")) == 200
    parse_pending()
    assert set(Envelope.objects.values_list("status", flat=True)) == {"parsed"}
