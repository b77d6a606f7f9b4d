"""The API under requests made up from its own description: whatever is sent, no answer is a server error.

The short form: a few requests for each address, half of them as described and half not, as the administrator, on real
rows. `HUIYIN_API_EXAMPLES=200` walks longer.
"""

import json
import os
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from .test_api_walk import DOORS, bare, description
from .visiting import Values, undone

pytestmark = [pytest.mark.django_db, pytest.mark.once]
EXAMPLES = int(os.environ.get("HUIYIN_API_EXAMPLES", "3"))
ADDRESSES = {bare(door.address): door.address for door in DOORS}
MADE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Walk:
    """Sends made-up requests, each undone afterwards, and keeps what broke."""

    def __init__(self, client, values) -> None:
        self.client, self.values = client, values
        self.broken: dict[str, str] = {}
        self.asked = 0

    def through(self, operation, mode) -> None:
        address = ADDRESSES[bare(operation.path)].format_map(self.values)

        @seed(4)
        @MADE
        @given(case=operation.as_strategy(generation_mode=mode))
        def walk(case) -> None:
            self.asked += 1
            answer = self.send(address, case)
            if answer.status_code >= 500:
                said = f"{answer.status_code} {case.query} {case.body!r:.300}"
                self.broken[operation.label] = f"{said} {answer.content[:300]}"

        walk()

    def send(self, address, case):
        query = urlencode(case.query or {}, doseq=True, errors="replace")
        kind = case.media_type or "application/json"
        with undone():
            method = case.method.upper()
            return self.client.generic(method, f"{address}?{query}", encoded(case.body), content_type=kind)


def encoded(body) -> bytes:
    if isinstance(body, bytes | NotSet):
        return body if isinstance(body, bytes) else b""
    return json.dumps(body, default=str).encode(errors="replace")


FOUND = [
    ("GET", "/api/v1/cases/?type=%00", None),
    ("GET", "/api/v1/survey-answers/?answered_at__gte=0125-02-10T21:12:29-21:25", None),
    ("GET", "/api/v1/survey-answers/?answered_at__gte=2025-02-10T21:12:29-21:25", None),
    ("GET", "/api/v1/messages/?since=0001-01-01T00:00:00%2B14:00", None),
    ("POST", "/api/v1/cases/{number}/withdraw/", {"reason": "\x02"}),
    ("POST", "/api/v1/conversations/{conversation}/notes/", {"text": "\x15"}),
    ("POST", "/api/v1/conversations/{conversation}/draft/", {"body": "x", "meta": {"\x00": "\ud800"}}),
]


def test_what_once_broke_it_does_so_no_more(world, visitor):
    client, values, broken = visitor.browsers["m"], Values(world, world.near), {}
    for method, address, body in FOUND:
        with undone():
            content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
            status = client.generic(method, address.format_map(values), **content).status_code
        if status >= 500:
            broken[address] = status
    assert broken == {}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["described", "other"])
def test_no_made_up_request_is_a_server_error(world, visitor, mode):
    walk = Walk(visitor.browsers["m"], Values(world, world.near))
    for result in schemathesis.openapi.from_dict(description()).get_all_operations():
        walk.through(result.ok(), mode)
    assert walk.broken == {}
    assert walk.asked > len(DOORS)
