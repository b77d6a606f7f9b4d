"""The other side of the bench: makes the table, then commits jobs and reads when they began."""

import json
import random
import sys
import time

import django


def prepare() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from .models import Job

    executor = MigrationExecutor(connection)
    executor.migrate([leaf for app in ("foundation", "django_q") for leaf in executor.loader.graph.leaf_nodes(app)])
    with connection.schema_editor() as editor:
        editor.create_model(Job)


def measure() -> None:
    from ..figures import percentile
    from .models import Job

    for _ring in range(3):
        _one()
    waits = [_one() for _ in range(60)]
    rate = _many(3000)
    print(json.dumps({"p50": percentile(waits, 0.5), "p95": percentile(waits, 0.95), "rate": rate}))
    Job.objects.all().delete()


def _one() -> float:
    """Milliseconds from the commit of one job to the start of its work, on an idle system."""
    from django.db import transaction

    from console.foundation import work

    from .models import Job

    time.sleep(random.uniform(0.02, 0.2))
    with transaction.atomic():
        job = Job.objects.create()
        work.ring("doorbell")
    committed = time.time()
    while not (began := Job.objects.values_list("began", flat=True).get(pk=job.pk)):
        time.sleep(0.005)
    return (began - committed) * 1000


def _many(count: int) -> float:
    """Rows settled a second while they keep coming in batches of ten, each batch ringing."""
    from django.db import transaction

    from console.foundation import work

    from .jobs import waiting
    from .models import Job

    started = time.time()
    for _ in range(count // 10):
        with transaction.atomic():
            Job.objects.bulk_create(Job() for _ in range(10))
            work.ring("doorbell")
    while waiting().exists():
        time.sleep(0.02)
    return count / (time.time() - started)


if __name__ == "__main__":
    django.setup()
    {"prepare": prepare, "measure": measure}[sys.argv[1]]()
