"""`python -m bench [subject …]`: each subject in a process of its own per backend, one table at the end."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .figures import Figure, save, table

ROOT = Path(__file__).resolve().parents[1]
SUBJECTS = ["startup", "intake", "opening", "door", "doorbell", "lists", "search_index"]
PG_URL = os.environ.get("PG_BENCH_URL", "postgres://root@127.0.0.1:5432/postgres")


def main() -> int:
    only = sys.argv[1:] or [name for name in os.environ.get("ONLY", "").split(",") if name] or SUBJECTS
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores", flush=True)
    figures: list[Figure] = []
    broken: list[str] = []
    for subject in only:
        for backend in os.environ.get("BACKENDS", "sqlite,postgresql").split(","):
            found = run(subject, backend)
            figures += found or ()
            if found is None:
                broken.append(f"{subject} on {backend}")
    print(table(figures))
    save(figures, whole=only == SUBJECTS)
    print(f"load after: {os.getloadavg()[0]:.2f}")
    if broken:
        print("failed: " + ", ".join(broken))
    return 1 if broken else 0


def run(subject: str, backend: str) -> list[Figure] | None:
    """One subject against a fresh home and database; None, and what it said, when it fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="huiyin-bench-") as home:
        environment = os.environ | {
            "HUIYIN_HOME": home,
            "HUIYIN_DEMO": "1",
            "BENCH_BACKEND": backend,
            "BENCH_PG": PG_URL,
        }
        environment.pop("DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "bench.subject", subject], cwd=ROOT, env=environment, capture_output=True, text=True
        )
    if done.returncode:
        print(f"{subject} on {backend} failed:\n{done.stderr[-2000:]}", flush=True)
        return None
    print(f"{subject} on {backend}: {time.monotonic() - began:.0f} s", flush=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"name"')]
    return [Figure(**row) for row in rows]


if __name__ == "__main__":
    sys.exit(main())
