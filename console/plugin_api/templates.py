"""Texts a provider approved beforehand: which one a text is, and what stands in its places.

A pattern is the approved text with `${name}` or `{1}` where something changes. Reading takes one step through the text:
a place ends where the words behind it begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLACE = re.compile(r"\$?\{\s*([A-Za-z_][A-Za-z0-9_]*|\d{1,2})\s*\}")
MAX_VALUE = 200


def places(pattern: str) -> list[str]:
    """Names of what changes, in order."""
    return _PLACE.findall(pattern)


def side_by_side(pattern: str) -> bool:
    """Two places with nothing between them: nobody can tell where the first one ends."""
    return any(not words for words in _PLACE.split(pattern)[::2][1:-1])


def filled(pattern: str, text: str) -> dict[str, str] | None:
    """What stands in the places when `text` is this template; None when it is another text."""
    words = [_plain(part) for part in _PLACE.split(pattern)[::2]]
    names, rest, found = places(pattern), _plain(text).strip(), {}
    words[0], words[-1] = words[0].lstrip(), words[-1].rstrip()
    if not rest.startswith(words[0]):
        return None
    rest = rest[len(words[0]) :]
    for index, name in enumerate(names):
        after, last = words[index + 1], index == len(names) - 1
        end = len(rest) - len(after) if last else rest.find(after, 1)
        if end < 1 or end > MAX_VALUE or rest[end : end + len(after)] != after:
            return None
        if found.setdefault(name, rest[:end]) != rest[:end]:
            return None
        rest = rest[end + len(after) :]
    return None if rest else found


def chosen(patterns: Iterable[str], text: str) -> tuple[int, dict[str, str]] | None:
    """The first pattern this text is, by its place in the list, with its values."""
    for index, pattern in enumerate(patterns):
        values = filled(pattern, text)
        if values is not None:
            return index, values
    return None


def _plain(text: str) -> str:
    """A line break counts as a space; several as one."""
    return re.sub(r"\s+", " ", text)
