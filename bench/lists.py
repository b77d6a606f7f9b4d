"""The desk's pages as an agent asks for them, through the whole stack, at growing numbers of cases."""

import os
from collections.abc import Iterable

from .bank import prepare
from .figures import Figure, percentile, timed

SIZES = [int(size) for size in os.environ.get("SIZES", "1000,100000").split(",")]
BASE = 1000
RUNS = int(os.environ.get("RUNS", "30"))
LIST_GOAL = {1_000: 80, 100_000: 80, 1_000_000: 100}
LIST_PEER = {100_000: 328, 1_000_000: 706}


def run(backend: str) -> Iterable[Figure]:
    from django.utils import timezone

    from console.cases.models import Case
    from console.runtime.demo.bulk import Loader
    from console.runtime.demo.multiply import multiply
    from console.runtime.demo.stories import stories

    account, customers = prepare()
    Loader(account, customers, events=False).load(stories(BASE, len(customers), timezone.now()))
    for size in SIZES:
        have = Case.objects.count()
        if size > have:
            multiply(size // have - 1)
        yield from _pages(backend, size)


def _pages(backend: str, size: int) -> Iterable[Figure]:
    from django.test import Client

    from console.cases.models import Case
    from console.staff.models import User

    client = Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT="bench")
    client.force_login(User.objects.get(username="supervisor"), "allauth.account.auth_backends.AuthenticationBackend")
    number = Case.objects.filter(team__code="card-1", is_open=True).values_list("number", flat=True).first()
    views = ["mine", "unowned", "team", "due", "waiting", "ended"]
    pages = {
        "desk list, first page": "/console/desk/",
        **{f"desk list, view {view}": f"/console/desk/?view={view}" for view in views},
        "case page": f"/console/desk/cases/{number}/",
    }
    for name, path in pages.items():
        status = client.get(path).status_code
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        samples = timed(lambda path=path: client.get(path), RUNS)
        goal = 80 if name == "case page" else LIST_GOAL.get(size, 100)
        peer = 136 if name == "case page" and size == 1_000_000 else LIST_PEER.get(size)
        label = f"{name}, {size:,} cases"
        yield Figure(label, percentile(samples, 0.5), "ms p50", backend)
        yield Figure(label, percentile(samples, 0.95), "ms p95", backend, goal=goal, peer=peer)
