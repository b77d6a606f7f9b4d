"""The tables of this folder, read: one line a door, columns of letters, everything after # is a remark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver, resolve

ANY, PARAMETER = re.compile(r"{\w+}"), re.compile(r"<[^>]*>")
NO_UUID = "00000000-0000-0000-0000-000000000000"
HERE = Path(__file__).resolve().parent
LETTERS = "asoeptum"
EVERYBODY = frozenset(LETTERS)
PUBLIC, NEVER = "public", "NEVER"


@dataclass(frozen=True)
class Door:
    """One method of one address: who comes in, who sees the near side's rows there, who the far side's."""

    method: str
    opens: frozenset[str]
    near: frozenset[str] | None
    far: frozenset[str]
    address: str
    public: bool
    remark: str

    def __str__(self) -> str:
        return f"{self.method} {self.address}"

    @property
    def offer(self) -> str:
        """The list action a DO line is about."""
        return self.address.partition("#")[2]

    @property
    def route(self) -> str:
        """The address pattern this line is about."""
        return self.address.lstrip("/") if self.method == NEVER else route_of(self.address)

    @property
    def section(self) -> str:
        """A room's doors: what its addresses begin with."""
        parts = self.address.strip("/").partition("?")[0].split("/")
        if parts[0] in ("console", "api"):
            return "/".join(parts[:2])
        return parts[0] if parts[0] in ("accounts", "cms") else "everybody"

    @property
    def has_object(self) -> bool:
        return "{" in self.address


def letters(text: str) -> frozenset[str]:
    return frozenset(text) & EVERYBODY


def drawn(who: frozenset[str]) -> str:
    return "".join(letter if letter in who else "." for letter in LETTERS)


def lines_of(name: str) -> Iterator[tuple[str, str]]:
    for line in (HERE / name).read_text().splitlines():
        text, _sign, remark = line.partition(" # ")
        if text.strip() and not text.startswith("#"):
            yield text, remark.strip()


def doors() -> list[Door]:
    return [door for text, remark in lines_of("doors.txt") for door in doors_of(text, remark)]


def doors_of(text: str, remark: str = "") -> Iterator[Door]:
    """One line may speak of several methods with the same letters: `GET,POST`."""
    methods, opens, near, far, address = text.split(maxsplit=4)
    public = opens == PUBLIC
    for method in methods.split(","):
        seen = None if near == "-" or method != "GET" else letters(near)
        yield Door(method, EVERYBODY if public else letters(opens), seen, letters(far), address.strip(), public, remark)


def patterns() -> dict[str, URLPattern]:
    """Every address pattern of the product by its whole route; of two with one route, the first answers."""
    found = [(plain(route), pattern) for route, pattern in _walk(get_resolver(), "")]
    return dict(reversed(found))


def plain(route: str) -> str:
    """A route without the anchors that Django keeps of some parts of it and not of others."""
    return route.replace("^", "").replace("$", "")


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from _walk(pattern, route)


def route_of(address: str) -> str:
    """The route that answers an address, as `patterns` names it."""
    path = ANY.sub("1", address.replace("{uid}", NO_UUID).partition("?")[0].partition("#")[0])
    return plain(resolve(path).route)
