"""A case by the API: one POST through the whole stack, token to answer."""

import json
import os
import resource
from collections.abc import Iterable

from .bank import prepare
from .figures import Figure

CASES = int(os.environ.get("CASES", "300"))
GOAL = 0.012


def run(backend: str) -> Iterable[Figure]:
    from django.test import Client

    from console.api.services import issue_token
    from console.customers.models import Customer
    from console.staff.models import User

    prepare()
    supervisor = User.objects.get(username="supervisor")
    customers = list(Customer.objects.visible_to(supervisor).order_by("pk"))
    _token, secret = issue_token(supervisor, "bench", ["*"])
    client = Client(HTTP_HOST="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})

    def post(number: int) -> None:
        customer = customers[number % len(customers)]
        asked = {"type": "complaint", "customer": customer.pk, "subject": f"重复扣了年费 {number}"}
        answer = client.post("/api/v1/cases/", json.dumps(asked), content_type="application/json")
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code}: {answer.content.decode()[:500]}")

    for number in range(30):
        post(number)
    before = _cpu()
    for number in range(CASES):
        post(number)
    yield Figure("API → case", (_cpu() - before) / CASES, "CPU s per case", backend, goal=GOAL, peer=0.025)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
