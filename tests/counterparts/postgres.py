"""The PostgreSQL server of the tests, and one of its own, which a test may stop and start; its files vanish with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from .daemons import free_port

NAME = "huiyin"
PG_URL = os.environ.get("PG_TEST_URL") or os.environ.get("DATABASE_URL") or "postgres://root@127.0.0.1:5432/postgres"


@contextmanager
def template(key: str) -> Iterator[tuple[psycopg.Connection, str, bool]]:
    """The server, the name of the migrated database to copy, and whether it is there; for one run at a time.

    Runs that begin together would each migrate it, and nobody can copy what another is connected to.
    """
    name = f"huiyin_template_{key}"
    with psycopg.connect(PG_URL, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('huiyin_template'))")
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        yield server, name, known is not None


def programs() -> Path | None:
    """Where initdb and its like are; None without a server installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places and (places[-1] / "initdb").exists() else None


class PostgresServer:
    """Started in a folder of its own, as the user `postgres` when the tests run as root."""

    def __init__(self) -> None:
        self.bin = programs()
        self.root = Path(tempfile.mkdtemp(prefix="huiyin-postgres-"))
        self.port = free_port()
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.root, self.user, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "huiyin", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def url(self) -> str:
        return f"postgres://huiyin@127.0.0.1:{self.port}/{NAME}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.root} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.root / "log"), "-w", "start")

    def stop(self) -> None:
        """At once: whoever was connected finds the line cut."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def create(self, dump_of: str = "") -> None:
        """The database, a copy of another server's when its address is given."""
        with psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{NAME}"')
        if dump_of:
            dump = subprocess.Popen([self.bin / "pg_dump", "-Fc", "--no-owner", dump_of], stdout=subprocess.PIPE)
            subprocess.run(
                [self.bin / "pg_restore", "--no-owner", "-d", self.url.replace("postgres://", "postgresql://")],
                stdin=dump.stdout,
                check=True,
            )
            assert dump.wait() == 0

    def remove(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # Not its output: the server it starts would keep the pipe open.
        subprocess.run(
            [self.bin / program, *arguments],
            check=True,
            user=self.user,
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
