"""How long from a set-up clone to the first page, how long the second start takes, and what it weighs: idle, and after
work. CPU seconds stand beside wall seconds, because a busy machine stretches only the latter."""

import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from .figures import Figure

ROOT = Path(__file__).resolve().parents[1]
PORT = 8917
LOAD_SECONDS = float(os.environ.get("LOAD_SECONDS", "20"))
PAGES = ("/", "/en/", "/console/", "/healthz")
LETTER = (
    "From: c{number}@mail.example\nTo: service@bank.example\nSubject: 年费\n"
    "Message-ID: <{number}@mail.example>\n\n请退还年费。\n"
)


def run(backend: str) -> Iterable[Figure]:
    first, product = start()
    first_cpu = stop(product)
    second, product = start()
    time.sleep(10)
    idle = weight(product)
    work(LOAD_SECONDS)
    loaded = weight(product)
    work(LOAD_SECONDS)
    later = weight(product)
    stop(product)
    again, product = start()
    second_cpu = stop(product)
    yield Figure("first start with demo bank", first, "s", backend, goal=90, peer=24)
    yield Figure("first start with demo bank", first_cpu, "CPU s", backend)
    yield Figure("second start", min(second, again), "s", backend, goal=8)
    yield Figure("second start", second_cpu, "CPU s", backend)
    yield Figure("memory idle, the whole process tree", idle, "MiB PSS", backend, goal=220, peer=155)
    yield Figure(f"memory after {LOAD_SECONDS:.0f} s of pages and mails", loaded, "MiB PSS", backend)
    yield Figure("  more after as much again", later - loaded, "MiB PSS", backend)


def start() -> tuple[float, subprocess.Popen]:
    """Seconds until `/` answers 200, and the running product."""
    began = time.monotonic()
    product = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(PORT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not answers():
        if product.poll() is not None or time.monotonic() - began > 300:
            raise RuntimeError("the product did not start")
        time.sleep(0.1)
    return time.monotonic() - began, product


def answers() -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5).status == 200
    except (urllib.error.URLError, OSError):
        return False


def stop(product: subprocess.Popen) -> float:
    """End it; the CPU seconds it and its children have used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    product.terminate()
    product.wait(timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def work(seconds: float) -> None:
    """Visitors read the help centre while mails come in."""
    inbox, number = Path(os.environ["HUIYIN_HOME"]) / "mail" / "in", 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        letter = inbox / "tmp" / f"{time.time_ns()}"
        letter.write_text(LETTER.format(number=letter.name), encoding="utf-8")
        letter.rename(inbox / "new" / letter.name)
        for path in PAGES:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=60).read()


def weight(product: subprocess.Popen) -> float:
    return sum(pss(pid) for pid in family(product.pid)) / 1024


def family(pid: int) -> list[int]:
    """`pid` and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue.pop())
        queue += children.get(found[-1], [])
    return found


def pss(pid: int) -> int:
    """Proportional set size in KiB; shared pages count once over all that share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
