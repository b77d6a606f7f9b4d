"""How long from a set-up clone to the first page, how long the second start takes, and what it weighs when idle."""

import os
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


def run(backend: str) -> Iterable[Figure]:
    first, product = start()
    stop(product)
    second, product = start()
    time.sleep(10)
    weight = sum(pss(pid) for pid in family(product.pid)) / 1024
    stop(product)
    yield Figure("first start with demo bank", first, "s", backend, goal=90, peer=24)
    yield Figure("second start", second, "s", backend, goal=8)
    yield Figure("memory idle, web and worker", weight, "MiB PSS", backend, goal=220, peer=155)


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


def stop(product: subprocess.Popen) -> None:
    product.terminate()
    product.wait(timeout=60)


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
