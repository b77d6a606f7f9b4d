"""The process tree: children live in their own sessions, fall and rise, and never outlive their parent."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import os, sys, time, signal
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings.test"
django.setup()
from console.runtime import supervisor
supervisor.STOP_SECONDS = 1
folder = sys.argv[1]

def note(name):
    with open(os.path.join(folder, name), "a") as out:
        out.write(f"{os.getpid()} {os.getsid(0)}\\n")

def steady():
    note("steady")
    while True:
        time.sleep(0.05)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("stubborn")
    if os.fork() == 0:
        note("grandchild")
    while True:
        time.sleep(0.05)

supervisor.Supervisor({"steady": steady, "stubborn": stubborn}, lambda _: None).run()
note("stopped")
"""


@pytest.fixture
def product(tmp_path: Path, monkeypatch):
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    try:
        wait_for(lambda: (tmp_path / "grandchild").exists() and (tmp_path / "steady").exists())
        yield process, tmp_path
    finally:
        if process.poll() is None:
            process.kill()
        for name in ("steady", "stubborn", "grandchild"):
            for pid in pids(tmp_path, name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def wait_for(condition, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def pids(folder: Path, name: str) -> list[int]:
    noted = folder / name
    return [int(line.split()[0]) for line in noted.read_text().splitlines()] if noted.exists() else []


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_each_child_leads_its_own_session(product):
    _process, folder = product
    pid, session = (folder / "steady").read_text().split()
    assert pid == session


def test_a_killed_child_is_started_again(product):
    _process, folder = product
    os.kill(pids(folder, "steady")[0], signal.SIGKILL)
    wait_for(lambda: len(pids(folder, "steady")) == 2)


def test_what_a_killed_child_left_behind_is_ended(product):
    _process, folder = product
    grandchild = pids(folder, "grandchild")[0]
    os.kill(pids(folder, "stubborn")[0], signal.SIGKILL)
    wait_for(lambda: gone(grandchild))


def test_stopping_ends_everything_even_what_ignores_the_signal(product):
    process, folder = product
    everyone = pids(folder, "steady") + pids(folder, "stubborn") + pids(folder, "grandchild")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert (folder / "stopped").exists()
    wait_for(lambda: all(gone(pid) for pid in everyone))


def test_children_do_not_outlive_a_killed_parent(product):
    process, folder = product
    process.kill()
    wait_for(lambda: gone(pids(folder, "steady")[-1]))
