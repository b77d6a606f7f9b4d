"""One archive holds the database and the files; secrets only on request, because they belong elsewhere.

Archive: tar with `manifest.json`, `database.sqlite3` or `database.dump` (pg_dump custom format), `vault/`, `media/`
and, when asked for, `secrets/`. It is written with mode 0600 under another name and renamed when complete.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

FOLDERS = ("vault", "media")


class BackupError(Exception):
    """The archive cannot be written or read; the message says why."""


def backup(target: Path, with_secrets: bool = False) -> Path:
    """Write a consistent archive to `target`. Readers and writers may go on meanwhile."""
    partial = target.with_name(target.name + ".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        manifest = {
            "product": "huiyin",
            "version": settings.VERSION,
            "vendor": connection.vendor,
            "made_at": datetime.now(UTC).isoformat(),
            "secrets": with_secrets,
        }
        _add_text(archive, "manifest.json", json.dumps(manifest, indent=2))
        # The database first: files it names are written before their rows, so none can be missing.
        with tempfile.TemporaryDirectory() as scratch:
            dump = _dump(Path(scratch))
            archive.add(dump, arcname=dump.name)
        for name in (*FOLDERS, "secrets") if with_secrets else FOLDERS:
            folder = Path(settings.HUIYIN_HOME) / name
            if folder.exists():
                archive.add(folder, arcname=name)
    partial.rename(target)
    return target


def restore(source: Path, force: bool = False) -> dict:
    """Put database and files back; returns the manifest. Refuses over data that is there unless forced."""
    with tarfile.open(source) as archive:
        manifest = _manifest(archive)
        if not force and _holds_data():
            raise BackupError("The database already holds data. Restore into an empty one, or say --force.")
        with tempfile.TemporaryDirectory() as scratch:
            archive.extractall(scratch, filter="data")
            _load(Path(scratch))
            for name in (*FOLDERS, "secrets"):
                _put_back(Path(scratch) / name, Path(settings.HUIYIN_HOME) / name)
    return manifest


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))


def _manifest(archive: tarfile.TarFile) -> dict:
    try:
        manifest = json.load(archive.extractfile("manifest.json"))
    except (KeyError, ValueError):
        raise BackupError("This is not a Huiyin backup: it has no manifest.")
    if manifest["vendor"] != connection.vendor:
        raise BackupError(f"This backup is of {manifest['vendor']}; the configured database is {connection.vendor}.")
    return manifest


def _dump(folder: Path) -> Path:
    if connection.vendor == "sqlite":
        copy = folder / "database.sqlite3"
        with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as live, sqlite3.connect(copy) as out:
            live.backup(out)
        return copy
    dump = folder / "database.dump"
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={dump}"])
    return dump


def _load(folder: Path) -> None:
    connections.close_all()
    if connection.vendor == "sqlite":
        name = settings.DATABASES["default"]["NAME"]
        with sqlite3.connect(folder / "database.sqlite3") as saved, sqlite3.connect(name) as live:
            saved.backup(live)
        return
    _run(
        [
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            "--dbname",
            _database_name(),
            str(folder / "database.dump"),
        ]
    )


def _database_name() -> str:
    return settings.DATABASES["default"]["NAME"]


def _run(command: list[str]) -> None:
    """Run a PostgreSQL client tool against the configured database; its own words on failure."""
    database = settings.DATABASES["default"]
    environment = os.environ | {
        "PGHOST": str(database["HOST"] or ""),
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BackupError(f"{command[0]} is not installed; it comes with the PostgreSQL client.")
    if done.returncode:
        raise BackupError(done.stderr.strip() or f"{command[0]} failed")


def _holds_data() -> bool:
    from django.contrib.auth import get_user_model

    if get_user_model()._meta.db_table not in connection.introspection.table_names():
        return False
    return get_user_model().objects.exists()


def _put_back(saved: Path, place: Path) -> None:
    """Swap the saved folder in; what stood there is kept beside it, nothing is deleted."""
    if not saved.exists():
        return
    if place.exists():
        place.rename(place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%d%H%M%S}"))
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(saved, place, copy_function=shutil.copy2)
