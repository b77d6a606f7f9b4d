"""`make test`: the suite on SQLite and on PostgreSQL at once, one process per database; its time is printed.

Journeys, kills and API walks run once, on PostgreSQL; what no database can change runs once, beside SQLite. What is
missing is listed by name; with REQUIRE_SERVICES=1 a missing service is a failure. Arguments are handed to pytest.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PG_URL = os.environ.get("PG_TEST_URL", "postgres://root@127.0.0.1:5432/postgres")
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"


def postgres_answers() -> bool:
    import psycopg

    try:
        with psycopg.connect(PG_URL, connect_timeout=3):
            return True
    except psycopg.Error:
        return False


def start(label: str, url: str, arguments: list[str]) -> tuple[str, subprocess.Popen, Path]:
    log = Path(tempfile.gettempdir()) / f"huiyin-test-{label}-{os.getpid()}.log"
    environment = os.environ | {"HUIYIN_TEST_LABEL": label, "HUIYIN_TEST_DB": f"run_{os.getpid()}"}
    environment.pop("HUIYIN_HOME", None)
    environment.pop("DATABASE_URL", None)
    if url:
        environment["DATABASE_URL"] = url
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return label, process, log


def main() -> int:
    began = time.monotonic()
    arguments = sys.argv[1:]
    postgres = postgres_answers()
    left_to_postgres = "not journey and not once" if postgres else "not journey"
    runs = [start("sqlite", "", ["-m", left_to_postgres, *arguments])]
    failed = False
    if postgres:
        runs.append(start("postgresql", PG_URL, ["-m", "database", *arguments]))
    else:
        print("not run: PostgreSQL does not answer at PG_TEST_URL")
        failed = REQUIRED
    counts = {"passed": 0, "failed": 0, "error": 0, "errors": 0, "skipped": 0}
    for label, process, log in runs:
        failed |= process.wait() != 0
        text = log.read_text(errors="replace")
        print(f"===== {label} =====\n{text}")
        for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)\b", text.rsplit("\n", 3)[-2]):
            counts[word] += int(number)
    print(f"suite time: {time.monotonic() - began:.0f} s")
    broken = counts["failed"] + counts["error"] + counts["errors"]
    print(f"{counts['passed']} passed, {broken} failed, {counts['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
