"""The whole product as a child process, for journeys, kills, API walks and pictures: exactly what `make run` starts."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.counterparts.daemons import free_port, wait_for
from tests.counterparts.postgres import PG_URL, PostgresServer, template

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 400
# Runs programs, one a line, and answers each with what it printed and what it raised.
BESIDE = """
import contextlib, io, json, os, sys, traceback
from django.db import connections
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    said, raised = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
    except Exception:
        raised = traceback.format_exc()
    connections.close_all()
    print(json.dumps([said.getvalue(), raised]), file=answers, flush=True)
"""


@dataclass
class Product:
    """A running installation with a home folder and, on PostgreSQL, a database of its own."""

    home: Path
    port: int
    database: str = ""
    server: PostgresServer | None = None
    more: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    beside: subprocess.Popen | None = None

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
            kept["DATABASE_URL"] = database_url(self.database)
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

    def ask(self, program: str) -> str:
        """Run a program beside the running product, with its models; the last line it printed."""
        if self.beside is None:
            with (self.home / "beside.log").open("ab") as log:
                command = [sys.executable, "manage.py", "shell", "-v0", "-c", BESIDE]
                self.beside = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        self.beside.stdin.write(json.dumps(textwrap.dedent(program)) + "\n")
        self.beside.stdin.flush()
        said, raised = json.loads(self.beside.stdout.readline())
        assert not raised, raised
        return said.strip().rpartition("\n")[2]

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


def make_product(home: Path, backend: str = "postgresql") -> Product:
    """A fresh installation; on PostgreSQL with a new database, dropped by `remove`; "own" is a server of its own."""
    home.mkdir(parents=True, exist_ok=True)
    product = Product(home, free_port())
    if backend == "own":
        product.server = PostgresServer()
        product.server.start()
        with template(_migrations_hash()) as (_server, name, known):
            product.server.create(database_url(name) if known else "")
    elif backend == "postgresql":
        product.database = f"huiyin_product_{os.getpid()}_{product.port}"
        with template(_migrations_hash()) as (server, name, known):
            # The product migrates what is missing anyway.
            server.execute(f'CREATE DATABASE "{product.database}"' + (f' TEMPLATE "{name}"' if known else ""))
    return product


def remove(product: Product) -> None:
    if product.beside:
        product.beside.communicate()
    if product.process and product.process.poll() is None:
        product.stop()
    if product.server:
        product.server.remove()
    if product.database:
        with psycopg.connect(PG_URL, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{product.database}" WITH (FORCE)')


def database_url(name: str) -> str:
    """The address of a database beside the one the tests are given."""
    return PG_URL.rsplit("/", 1)[0] + f"/{name}"


def _migrations_hash() -> str:
    from tests.conftest import migrations_hash

    return migrations_hash()
