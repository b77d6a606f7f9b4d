"""`python -m bench [subject …]`: each subject in a process of its own per backend, one table at the end."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .figures import Figure, save, table
from .subject import drop

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = ["startup", "intake", "opening", "door", "doorbell", "lists", "search_index"]
PG_URL = os.environ.setdefault("BENCH_PG", os.environ.get("PG_BENCH_URL", "postgres://root@127.0.0.1:5432/postgres"))


def main() -> int:
    only = sys.argv[1:] or [name for name in os.environ.get("ONLY", "").split(",") if name] or SUBJECTS
    figures: list[Figure] = []
    broken: list[str] = []
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores", flush=True)
    for backend in os.environ.get("BACKENDS", "sqlite,postgresql").split(","):
        with stock_of(backend) as stock:
            for subject in only:
                found = run(subject, backend, stock)
                figures += found or ()
                if found is None:
                    broken.append(f"{subject} on {backend}")
    figures.sort(key=lambda figure: only.index(figure.subject))
    print(table(figures))
    save(figures, whole=only == SUBJECTS)
    print(f"load after: {os.getloadavg()[0]:.2f}")
    if broken:
        print("failed: " + ", ".join(broken))
    return 1 if broken else 0


@contextmanager
def stock_of(backend: str) -> Iterator[str]:
    """A migrated database for the subjects to copy: a file on SQLite, a name on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="huiyin-bench-stock-") as folder:
        stock = f"{folder}/stock.sqlite3" if backend == "sqlite" else f"huiyin_bench_stock_{os.getpid()}"
        try:
            done = ask("--stock", backend, stock, folder)
            if done.returncode:
                raise SystemExit(f"{backend} cannot be migrated:\n{done.stderr[-2000:]}")
            yield stock
        finally:
            if backend == "postgresql":
                drop(stock)


def run(subject: str, backend: str, stock: str) -> list[Figure] | None:
    """One subject against a fresh home and database; None, and what it said, when it fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="huiyin-bench-") as home:
        done = ask(subject, backend, stock, home)
    if done.returncode:
        print(f"{subject} on {backend} failed:\n{done.stderr[-2000:]}", flush=True)
        return None
    print(f"{subject} on {backend}: {time.monotonic() - began:.0f} s", flush=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return [Figure(**row | {"subject": subject}) for row in rows]


def ask(subject: str, backend: str, stock: str, home: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"HUIYIN_HOME": home, "HUIYIN_DEMO": "1", "BENCH_BACKEND": backend, "BENCH_STOCK": stock}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "bench.subject", subject]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
