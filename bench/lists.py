"""The desk's pages and the API's lists as people ask for them, through the whole stack, at growing numbers of cases."""

import os
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from .bank import prepare
from .figures import Figure, cpu_ms, percentile, timed

SIZES = [int(size) for size in os.environ.get("SIZES", "1000,100000").split(",")]
BASE = 1000
RUNS = int(os.environ.get("RUNS", "30"))
ENTRIES = 50
PLAIN, CASE_PAGE = "desk list, first page", f"case page, {ENTRIES} entries"
VIEWS = ["mine", "unowned", "team", "due", "waiting", "ended", "grave", "breached"]
# Two more than ship, as a supervisor would make them.
OWN_VIEWS = {
    "grave": {"all": [{"field": "is_open", "op": "eq", "value": True}, {"field": "grade", "op": "gte", "value": 4}]},
    "breached": {"all": [{"field": "breached", "op": "eq", "value": True}, {"field": "owner", "op": "not_empty"}]},
}


def run(backend: str) -> Iterable[Figure]:
    from django.utils import timezone

    from console.cases.models import Case
    from console.runtime.demo.bulk import Loader
    from console.runtime.demo.multiply import multiply
    from console.runtime.demo.stories import stories

    account, customers = prepare()
    Loader(account, customers, events=False).load(stories(BASE, len(customers), timezone.now()))
    number = _busy_case()
    first: dict[str, float] = {}
    for size in SIZES:
        have = Case.objects.count()
        if size > have:
            multiply(size // have - 1)
        for figure in _pages(backend, size, number):
            yield figure
            if figure.unit == "ms p95":
                name = figure.name.rsplit(",", 1)[0]
                first.setdefault(name, figure.value)
                if name == PLAIN and size == 1_000_000:
                    ratio = figure.value / first[name]
                    yield Figure(f"{PLAIN}, p95 at {size:,} : at {SIZES[0]:,}", ratio, "×", backend, goal=1.5)


def _busy_case() -> str:
    """The number of an open case whose timeline has ENTRIES entries; its copies have them too."""
    from console.cases.models import Case
    from console.channels.models import Message
    from console.conversations.models import Entry

    case = Case.objects.filter(team__code="card-1", is_open=True).order_by("pk").first()
    like = case.conversation.entries.filter(kind="message").select_related("message").first()
    for _entry in range(ENTRIES - case.conversation.entries.count()):
        message = Message.objects.get(pk=like.message_id)
        message.pk, message.wire_id, message.provider_id = None, "", None
        message._state.adding = True
        message.save()
        Entry.objects.create(
            conversation=case.conversation, kind="message", message=message, at=like.at, inbound=like.inbound
        )
    return case.number


def _pages(backend: str, size: int, number: str) -> Iterable[Figure]:
    client = _supervisor()
    pages = {
        PLAIN: "/console/desk/",
        "desk list, second page": _second_page(client),
        **{f"desk list, view {view}": f"/console/desk/?view={view}" for view in VIEWS},
        "API list, filtered": "/api/v1/cases/?team=card-1&state_class=open&grade=3",
        "API list, by deadline": "/api/v1/cases/?open=true&order=due",
        CASE_PAGE: f"/console/desk/cases/{number}/",
    }
    for name, path in pages.items():
        samples = timed(lambda path=path: _get(client, path), RUNS)
        label = f"{name}, {size:,} cases"
        yield Figure(label, percentile(samples, 0.5), "ms p50", backend)
        goal, peer = _goal(name, size), _peer(name, size)
        yield Figure(label, percentile(samples, 0.95), "ms p95", backend, goal=goal, peer=peer)
        yield Figure(label, cpu_ms(lambda path=path: _get(client, path), RUNS // 3 or 1), "CPU ms", backend)
    cold, again = _queries(client, pages[CASE_PAGE]), _queries(client, pages[CASE_PAGE], forget=False)
    yield Figure(f"{CASE_PAGE}, {size:,} cases", again, "queries", backend, goal=15)
    yield Figure(f"{CASE_PAGE}, {size:,} cases, nothing cached", cold, "queries", backend)


def _goal(name: str, size: int) -> float:
    if name == CASE_PAGE:
        return 80
    if name == PLAIN:
        return 100 if size >= 1_000_000 else 80
    return 120


def _peer(name: str, size: int) -> float | None:
    """The best peer's, measured at 100 k and 1 M tickets."""
    if name == PLAIN:
        return {100_000: 328, 1_000_000: 706}.get(size)
    if size < 1_000_000:
        return None
    return 136 if name == CASE_PAGE else 213


def _supervisor() -> Any:
    from django.test import Client

    from console.lowcode.models import SavedView
    from console.runtime.demo.people import demo_password
    from console.staff.models import User

    user = User.objects.get(username="supervisor")
    for code, tree in OWN_VIEWS.items():
        SavedView.objects.get_or_create(
            code=code, subject="case", owner=user, defaults={"name_zh": code, "name_en": code, "tree": tree}
        )
    client = Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT="bench")
    client.post("/accounts/login/", {"login": user.username, "password": demo_password()})
    return client


def _get(client: Any, path: str) -> Any:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code} {answer.headers.get('location', '')}")
    return answer


def _second_page(client: Any) -> str:
    """The address behind "more" on the first page."""
    found = re.search(
        r'"(/console/desk/\?view=[^"]*after=[^"]+)"', _get(client, "/console/desk/?view=team").content.decode()
    )
    if not found:
        raise RuntimeError("the list has no second page")
    return unescape(found[1])


def _queries(client: Any, path: str, *, forget: bool = True) -> int:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if forget:
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        _get(client, path)
    return len(asked)
