"""Change committed → work starts, through the product's own workers; and how many rows a second a pump settles.

A small application of its own brings one kind of work, so that nothing but ringing, claiming and settling is
measured. It is installed only here (bench/doorbell/settings.py).
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

from ..figures import Figure


def run(backend: str) -> Iterator[Figure]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.doorbell.settings"}
    subprocess.run([sys.executable, "-m", "bench.doorbell.driver", "prepare"], env=environment, check=True)
    command = [sys.executable, "-c", "import django; django.setup(); from console.runtime import puller; puller.run()"]
    workers = [subprocess.Popen(command, env=environment) for _ in range(2)]
    try:
        # They are ready when the first rings are answered; the driver waits for that before it measures.
        told = subprocess.run(
            [sys.executable, "-m", "bench.doorbell.driver", "measure"], env=environment, check=True, capture_output=True
        )
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
    found = json.loads(told.stdout.splitlines()[-1])
    yield Figure("change committed → work starts, p50", found["p50"], "ms", backend, None, 100.0)
    yield Figure("change committed → work starts, p95", found["p95"], "ms", backend, 250.0, 200.0)
    yield Figure("rows settled, sustained", found["rate"], "rows/s", backend, 300.0, at_least=True)
