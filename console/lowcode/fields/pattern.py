"""Patterns for text without regular expressions: every check takes time proportional to the text, whatever is typed.

`#` digit · `@` ASCII letter · `*` digit or letter · `?` any character · `{m}` or `{m,n}` repeats the one before ·
`\\` takes the next character as it is · anything else stands for itself. `##-@@@{1,3}` and `6#{15,18}` are patterns.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

MAX_REPEAT = 100
MAX_PLACES = 400
Test = Callable[[str], bool]
_CLASSES: dict[str, Test] = {
    "#": lambda char: "0" <= char <= "9",
    "@": lambda char: char.isascii() and char.isalpha(),
    "*": lambda char: char.isascii() and char.isalnum(),
    "?": lambda char: True,
}
_REPEAT = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}")


class BadPattern(ValueError):
    """The pattern cannot be read; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Place:
    """One character of the text; an optional one may be left out."""

    test: Test
    optional: bool


def _literal(wanted: str) -> Test:
    return lambda char: char == wanted


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a whole text fits. Raises BadPattern."""
    places = tuple(_places(pattern))
    if len(places) > MAX_PLACES:
        raise BadPattern(_("The pattern describes more than %(max)s characters.") % {"max": MAX_PLACES})
    return lambda text: _fits(places, text)


def _places(pattern: str):
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            test, at = _literal(pattern[at + 1]), at + 2
        elif char in "{}":
            raise BadPattern(_("{ } must follow a character and hold a number, like {2} or {2,4}."))
        else:
            test, at = _CLASSES.get(char) or _literal(char), at + 1
        least, most, at = _repeat(pattern, at)
        yield from (Place(test, number >= least) for number in range(most))


def _repeat(pattern: str, at: int) -> tuple[int, int, int]:
    found = _REPEAT.match(pattern, at)
    if not found:
        return 1, 1, at
    least = int(found[1])
    most = int(found[2] or found[1])
    if not 0 <= least <= most <= MAX_REPEAT or not most:
        raise BadPattern(_("A repeat goes from 0 to %(max)s, the smaller number first.") % {"max": MAX_REPEAT})
    return least, most, found.end()


def _fits(places: tuple[Place, ...], text: str) -> bool:
    """All places the text may have reached, moved on one character at a time: no backtracking."""
    if len(text) > len(places):
        return False
    reached = _skip(places, {0})
    for char in text:
        reached = _skip(places, {at + 1 for at in reached if at < len(places) and places[at].test(char)})
        if not reached:
            return False
    return len(places) in reached


def _skip(places: tuple[Place, ...], reached: set[int]) -> set[int]:
    for at in sorted(reached):
        while at < len(places) and places[at].optional and at + 1 not in reached:
            at += 1
            reached.add(at)
    return reached
