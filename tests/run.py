"""`make test`: the suite in four parts, one process and one database each, as many at once as there are cores.

Everything runs on SQLite; what can see a difference between the databases runs on PostgreSQL too; journeys, walks and
what a browser shows run on PostgreSQL alone. What is missing is listed by name; with REQUIRE_SERVICES=1 a missing
service is a failure. Arguments are handed to pytest.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PG_URL = os.environ.get("PG_TEST_URL", "postgres://root@127.0.0.1:5432/postgres")
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
NOTHING_FOUND = 5
AT_ONCE = os.cpu_count() or 1
JOURNEYS, WALKS = "tests/journeys", "tests/house/walk"
OTHERS = ("tests", f"--ignore={JOURNEYS}", f"--ignore={WALKS}")


@dataclass(frozen=True)
class Part:
    """Tests of these marks, by default those found here, on the database at `url` (empty: SQLite)."""

    label: str
    url: str
    marks: str
    where: tuple[str, ...]

    def run(self) -> tuple[int, str]:
        """pytest's exit code and everything it said."""
        environment = os.environ | {"HUIYIN_TEST_DB": f"run_{os.getpid()}_{self.label}"}
        environment.pop("HUIYIN_HOME", None)
        environment.pop("DATABASE_URL", None)
        if self.url:
            environment["DATABASE_URL"] = self.url
        command = [sys.executable, "-m", "pytest", "-q", "-m", self.marks, *(sys.argv[1:] or self.where)]
        with tempfile.TemporaryFile() as said:
            code = subprocess.call(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)
            said.seek(0)
            return code, said.read().decode(errors="replace")


# The longest first; the walks begin when another part ends.
PARTS = (
    Part("sqlite", "", "not once", OTHERS),
    Part("postgresql", PG_URL, "database", OTHERS),
    Part("journeys", PG_URL, "journey", (JOURNEYS,)),
    Part("walks", PG_URL, "once", (WALKS,)),
)
# Some tests, asked for by name, make no parts.
ASKED = (Part("sqlite", "", "not journey and not once", ()), Part("postgresql", PG_URL, "database", ()))
WITHOUT_POSTGRES = (Part("sqlite", "", "not journey", ("tests", f"--ignore={JOURNEYS}")),)


def postgres_answers() -> bool:
    import psycopg

    try:
        with psycopg.connect(PG_URL, connect_timeout=3):
            return True
    except psycopg.Error:
        return False


def main() -> int:
    began = time.monotonic()
    postgres = postgres_answers()
    failed = REQUIRED and not postgres
    if not postgres:
        print("not run: PostgreSQL does not answer at PG_TEST_URL")
    counts = {"passed": 0, "failed": 0, "error": 0, "errors": 0, "skipped": 0}
    asked = bool(sys.argv[1:])
    parts = (ASKED if asked else PARTS) if postgres else WITHOUT_POSTGRES
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part, (code, text) in zip(parts, pool.map(Part.run, parts), strict=True):
            failed |= code != 0 and not (asked and code == NOTHING_FOUND)
            print(f"===== {part.label} =====\n{text}", flush=True)
            for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)\b", text.rsplit("\n", 3)[-2]):
                counts[word] += int(number)
    print(f"suite time: {time.monotonic() - began:.0f} s")
    broken = counts["failed"] + counts["error"] + counts["errors"]
    print(f"{counts['passed']} passed, {broken} failed, {counts['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
