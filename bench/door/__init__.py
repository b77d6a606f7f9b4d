"""What the door for webhooks costs beside a bare Django view that inserts one row: same server, same run.

Both stand behind gunicorn with two workers; four callers ask as fast as they can, then at half of what the door can do.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

from ..bank import prepare
from ..figures import Figure, percentile
from ..startup import stop

PORT = 8918
CALLERS = 4
# Each account has a limit of its own; together they allow more than one machine answers.
ACCOUNTS = 50
SECONDS = float(os.environ.get("DOOR_SECONDS", "2"))
ROUNDS = 4


def run(backend: str) -> Iterator[Figure]:
    prepare(1)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.door.settings"}
    subprocess.run(
        [sys.executable, "-c", "from bench.door.app import make_table as m; m()"], env=environment, check=True
    )
    doors = [f"/hooks/{_account(number)}/" for number in range(ACCOUNTS)]
    server = _serve(environment)
    try:
        bare, door = _side_by_side(doors)
        half, times = _flood(lambda number: doors[number % ACCOUNTS], pause=2 * CALLERS / door)
    finally:
        stop(server)
    yield Figure("bare insert view", bare, "requests/s", backend)
    yield Figure("webhook accepted", door, "requests/s", backend)
    yield Figure("webhook accepted, of a bare insert", 100 * door / bare, "%", backend, goal=50, at_least=True)
    label = f"webhook accepted at half of capacity ({half:.0f}/s), p99"
    yield Figure(label, percentile(times, 0.99), "ms", backend, goal=50)


def _account(number: int) -> str:
    from console.channels.models import ChannelAccount

    values = {"connector": "chat_wire", "channel_kind": "chat", "state": "active"}
    return str(ChannelAccount.objects.create(name=f"door {number}", **values).uid)


def _serve(environment: dict[str, str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{PORT}", "bench.door.app"]
    server = subprocess.Popen(command, env=environment)
    began = time.monotonic()
    while not _answers():
        if server.poll() is not None or time.monotonic() - began > 120:
            raise RuntimeError("the server did not start")
        time.sleep(0.1)
    return server


def _answers() -> bool:
    try:
        _post("/bare/", 0)
    except (urllib.error.URLError, OSError):
        return False
    return True


def _post(path: str, number: int) -> None:
    body = json.dumps({"id": f"{time.time_ns()}-{number}", "from": "lin@customer.example", "text": "请退还年费。"})
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", body.encode(), method="POST")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")


def _side_by_side(doors: list[str]) -> tuple[float, float]:
    """Requests a second of the bare view and of the door, in turns: what disturbs the machine disturbs both."""
    rounds = [
        (_flood(lambda number: "/bare/")[0], _flood(lambda number: doors[number % ACCOUNTS])[0]) for _ in range(ROUNDS)
    ]
    bare, door = zip(*rounds, strict=True)
    return sum(bare) / ROUNDS, sum(door) / ROUNDS


def _flood(path_of: Callable[[int], str], pause: float = 0.0) -> tuple[float, list[float]]:
    """(requests a second, milliseconds of each) of CALLERS that ask for SECONDS, one every `pause` seconds each."""
    times: list[float] = []
    failures: list[BaseException] = []
    began = time.perf_counter()

    def call(first: int) -> None:
        number = first
        try:
            while (now := time.perf_counter()) - began < SECONDS:
                _post(path_of(number), number)
                times.append((time.perf_counter() - now) * 1000)
                number += CALLERS
                time.sleep(max(0.0, pause - (time.perf_counter() - now)))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=call, args=(first,)) for first in range(CALLERS)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if failures:
        raise failures[0]
    return len(times) / (time.perf_counter() - began), times
