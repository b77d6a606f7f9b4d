"""The whole product as a child process, for journeys, kills, API walks and pictures: exactly what `make run` starts."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.counterparts.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
PG_URL = os.environ.get("PG_TEST_URL") or os.environ.get("DATABASE_URL") or "postgres://root@127.0.0.1:5432/postgres"
START_SECONDS = 400


@dataclass
class Product:
    """A running installation with a home folder and, on PostgreSQL, a database of its own."""

    home: Path
    port: int
    database: str = ""
    server: PostgresServer | None = None
    more: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "HUIYIN_"))}
        kept |= {"HUIYIN_HOME": str(self.home), "HUIYIN_DEMO": "1", "PORT": str(self.port)}
        kept |= {"HUIYIN_HTTP_ALLOW": "127.0.0.0/8"}
        kept.pop("DATABASE_URL", None)
        if self.server:
            kept["DATABASE_URL"] = self.server.url
        elif self.database:
            kept["DATABASE_URL"] = PG_URL.rsplit("/", 1)[0] + f"/{self.database}"
        return kept | self.more

    @property
    def password(self) -> str:
        return (self.home / "secrets" / "demo_password").read_text().strip()

    def start(self) -> None:
        with (self.home / "product.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        wait_for(self.answers, START_SECONDS, self._why_not)

    def answers(self) -> bool:
        assert self.process.poll() is None, self._why_not()
        try:
            return urllib.request.urlopen(f"{self.url}/readyz", timeout=5).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _why_not(self) -> str:
        return "the product did not start:\n" + (self.home / "product.log").read_text()[-3000:]

    def cut_power(self) -> None:
        """End every process at once, the supervisor first; nobody says goodbye."""
        everyone = [pid for family in self.families().values() for pid in family]
        for pid in (self.process.pid, *everyone):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """As Ctrl-C does; nothing of it may be left."""
        everyone = [pid for family in self.families().values() for pid in family]
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
        wait_for(lambda: not [pid for pid in everyone if self._runs(pid)], 10, lambda: f"left behind: {everyone}")

    @staticmethod
    def _runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
        except OSError:
            return False

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the running product; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, statement: str) -> list[tuple]:
        """Run a statement beside the running product, on either database; its rows."""
        if not (self.server or self.database):
            with contextlib.closing(sqlite3.connect(self.home / "huiyin.sqlite3", timeout=30)) as link, link:
                return link.execute(statement).fetchall()
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as link:
            done = link.execute(statement)
            return done.fetchall() if done.description else []

    def families(self) -> dict[str, list[int]]:
        """Living process ids of web, worker and listener, each with its leader first."""
        parents, sessions = {}, {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, parent, _group, session = stat.read_text().rsplit(")", 1)[1].split()[:4]
                if state not in "ZX":
                    pid = int(stat.parent.name)
                    parents[pid] = int(parent)
                    sessions.setdefault(int(session), []).append(pid)
        leaders = sorted(pid for pid, parent in parents.items() if parent == self.process.pid and pid in sessions)
        return {
            self._name(leader): sorted(sessions[leader], key=lambda pid, first=leader: (pid != first, pid))
            for leader in leaders
        }

    def _name(self, leader: int) -> str:
        """Which child this is: the supervisor names each session leader's process."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{leader}/comm").read_text().strip().removeprefix("huiyin-")
        return str(leader)


def wait_for(condition, seconds: float, why=lambda: "did not happen in time") -> None:
    """Ask again until `condition()` is true; fails with `why()` when it is not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, why()
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_product(home: Path, backend: str = "postgresql") -> Product:
    """A fresh installation; on PostgreSQL with a new database, dropped by `remove`; "own" is a server of its own."""
    home.mkdir(parents=True, exist_ok=True)
    product = Product(home, free_port())
    if backend == "own":
        product.server = PostgresServer()
        product.server.start()
        product.server.create(_template_url())
    elif backend == "postgresql":
        product.database = f"huiyin_product_{os.getpid()}_{product.port}"
        _server(f'CREATE DATABASE "{product.database}"{_migrated_template()}')
    return product


def remove(product: Product) -> None:
    if product.process and product.process.poll() is None:
        product.stop()
    if product.server:
        product.server.remove()
    if product.database:
        _server(f'DROP DATABASE IF EXISTS "{product.database}" WITH (FORCE)')


def _migrated_template() -> str:
    """Start from the suite's migrated database when it is there; the product migrates what is missing anyway."""
    return f' TEMPLATE "{name}"' if (name := _template()) else ""


def _template_url() -> str:
    return (
        PG_URL.rsplit("/", 1)[0].replace("postgres://", "postgresql://") + f"/{name}" if (name := _template()) else ""
    )


def _template() -> str:
    from tests.conftest import migrations_hash

    name = f"huiyin_template_{migrations_hash()}"
    with psycopg.connect(PG_URL) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return name if known else ""


def _server(statement: str) -> None:
    with psycopg.connect(PG_URL, autocommit=True) as server:
        server.execute(statement)
