"""One request of one person, undone afterwards: what the door said, whose rows were shown, what was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.sites import site
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client

from .world import FAR, NEAR, Side, World

SIGN_IN = ("/accounts/login/", "/console/login/", "/cms/login/")
# Where Django's and Wagtail's own pages send somebody who asked for a row or page that is not for them.
TURNED_AWAY = ("/console/", "/cms/")
WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
UNDRAWN = "X-Undrawn"
# Beginnings and ends of transactions are not questions.
UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
# What any request may write: the session it came in with.
KEPT = {"django_session", "usersessions_usersession"}


@dataclass
class Visit:
    """How one request went."""

    status: int
    location: str
    text: str
    content_type: str
    writes: list[str] = field(default_factory=list)
    queries: int = 0

    @property
    def to_sign_in(self) -> bool:
        return self.status == 401 or (self.status == 302 and self.location.startswith(SIGN_IN))

    @property
    def refused(self) -> bool:
        """Refused by permission, scope or a service's own check, whatever the way of saying so."""
        turned = self.status == 302 and self.location.partition("?")[0] in TURNED_AWAY
        return self.to_sign_in or turned or self.status in (403, 404, 405, 409, 422)

    @property
    def broken(self) -> bool:
        """A fault of ours. 503 is what the readiness probe says when the supervisor is not there."""
        return self.status >= 500 and self.status != 503

    def shows(self, mark: tuple[str, str]) -> bool:
        return any(word in self.text for word in mark)

    def __str__(self) -> str:
        return f"{self.status} {self.location}".strip()


class Undrawn:
    """Middleware of the walk: a page that nobody looks at need not be drawn; whether it opens is known before."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        if UNDRAWN in request.headers and isinstance(response, TemplateResponse):
            response.content = ""
        return response


@contextmanager
def unframed() -> Iterator[None]:
    """An undrawn page of the hub has no side bar either."""
    each_context = site.each_context

    def frame(request: HttpRequest) -> dict[str, Any]:
        return {} if UNDRAWN in request.headers else each_context(request)

    site.each_context = frame
    try:
        yield
    finally:
        del site.each_context


@contextmanager
def undone() -> Iterator[None]:
    """A transaction of its own that never was; the house counts it as the test's, not as one of ours."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


class Visitor:
    """Everybody of the world with a browser each, and one who is nobody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browsers = {letter: self.browser(person) for letter, person in world.people.items()}
        self.browsers[""] = Client(raise_request_exception=False)

    @staticmethod
    def browser(person: Any) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(person)
        return client

    def address(self, template: str, side: Side) -> str:
        return template.format_map(Values(self.world, side))

    def visit(self, who: str, method: str, address: str, body: Any = None, *, drawn: bool = True) -> Visit:
        """Send the request as this person; nothing it does stays. Undrawn, a page is decided on but not rendered."""
        client, written, asked = self.browsers[who], [], []
        cookies = client.cookies.copy()
        headers = {} if drawn else {UNDRAWN: "1"}

        def watch(execute, sql, params, many, context):
            if not sql.startswith(UNCOUNTED):
                asked.append(sql)
            if (found := WRITE.match(sql)) and found.group(1) not in KEPT:
                written.append(found.group(1))
            return execute(sql, params, many, context)

        with undone(), connection.execute_wrapper(watch):
            response = self.send(client, method, address, body, headers)
            text = text_of(response)
        client.cookies = cookies
        location, kind = response.get("Location", ""), response.get("Content-Type", "")
        return Visit(response.status_code, location, text, kind, written, len(asked))

    @staticmethod
    def send(client: Client, method: str, address: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        call = getattr(client, method.lower())
        if address.startswith("/api/") and method not in ("GET", "HEAD", "OPTIONS"):
            return call(address, body or {}, content_type="application/json", headers=headers)
        if method in ("GET", "POST"):
            return call(address, body or {}, headers=headers)
        return call(address, headers=headers)


class Values(dict):
    """What the placeholders of an address stand for on one side: a model's name for the key of its row."""

    def __init__(self, world: World, side: Side) -> None:
        super().__init__()
        self.world, self.side = world, side

    def __missing__(self, name: str) -> str:
        return self.world.value(name, self.side)


def text_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


__all__ = ["FAR", "NEAR", "Visit", "Visitor", "undone"]
