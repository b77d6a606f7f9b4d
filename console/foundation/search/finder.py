from typing import Any

from . import phrases, ranked
from .engine import Hit
from .kinds import Mode, kind_of


def search(kind: str, query: str, scope: Any, limit: int, before: int | None = None) -> list[Hit]:
    known = kind_of(kind)
    if known.mode is Mode.PHRASE:
        return phrases.search(known, query, scope, limit, before)
    return ranked.search(known, query, scope, limit)
