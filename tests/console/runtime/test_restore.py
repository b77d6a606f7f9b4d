"""A backup brought to a fresh home: the record verifies there and a letter opens with the keys that came along."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as project
from django.db import connection

from console.channels.services import accept
from console.events import emit
from console.events.services import seals
from console.runtime import backup as module
from tests.factories.channels import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
LETTER = "请退还年费。".encode()
LOOK = """
from django.core.management import call_command
from console.channels.models import Envelope
from console.channels.services.intake import raw_of
call_command("verify_audit")
print([raw_of(one).hex()[-36:] for one in Envelope.objects.order_by("pk")])
"""


@pytest.fixture
def fresh(tmp_path):
    """The environment of a home where nothing was yet; on PostgreSQL with an empty database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "HUIYIN_"))}
    kept.pop("DATABASE_URL", None)
    kept |= {"HUIYIN_HOME": str(tmp_path / "fresh"), "HUIYIN_DEMO": "1"}
    if connection.vendor == "sqlite":
        yield kept
        return
    name, base = f"huiyin_restore_{os.getpid()}", os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield kept | {"DATABASE_URL": f"{base}/{name}"}
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_fresh_home_holds_everything(fresh, settings, tmp_path):
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"]
    settings.VAULT_ROOT = Path(project.HUIYIN_HOME) / "vault"
    account = AccountFactory()
    accept(account, LETTER)
    accept(account, b"x" * 600_000 + LETTER)
    for number in range(5):
        emit("account:1", "account.noted", {"number": number})
    seals.drain()
    archive = module.backup(tmp_path / "saved.tar", with_secrets=True)

    manage(fresh, "restore", str(archive))
    told = manage(fresh, "shell", "-v0", "-c", LOOK)
    assert told.count(LETTER.hex()) == 2
    secrets = Path(fresh["HUIYIN_HOME"]) / "secrets"
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}
