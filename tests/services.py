"""Real services some tests need. Missing ones are skipped by name, or fail when REQUIRE_SERVICES=1."""

import os
import shutil
import subprocess
import tempfile

import pytest
from django.conf import settings

from tests.counterparts.postgres import programs


def _redis() -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(os.environ.get("REDIS_TEST_URL", "redis://127.0.0.1:6379/9")).ping())
    except redis.RedisError:
        return False


def _mounts() -> bool:
    """Whether a test may mount a small file system: as root, where the kernel lets it."""
    with tempfile.TemporaryDirectory() as place:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
        if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
            return False
        return subprocess.run(["umount", place], check=False).returncode == 0


def _fonts() -> bool:
    from console.outreach.letters import has_chinese_font

    return has_chinese_font()


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


AVAILABLE = {
    "postgresql": lambda: settings.DATABASES["default"]["ENGINE"].endswith("postgresql"),
    "postgres_server": lambda: programs() is not None,
    "redis": _redis,
    "chromium": lambda: chromium_path() is not None,
    "dovecot": lambda: shutil.which("dovecot") is not None,
    "mount": _mounts,
    "exim": lambda: shutil.which("exim4") is not None,
    "fonts": _fonts,
    "gettext": lambda: shutil.which("xgettext") is not None,
}
# The run on the other database covers these; missing there is a failure of tests/run.py.
OTHER_RUN = {"postgresql"}


def require(name: str) -> None:
    """Skip (or, where services are required, fail) the running test when `name` is not here."""
    if AVAILABLE[name]():
        return
    if os.environ.get("REQUIRE_SERVICES") == "1" and name not in OTHER_RUN:
        pytest.fail(f"required service is missing: {name}")
    pytest.skip(f"service is missing: {name}")
