"""From text to index terms: pairs of characters for Chinese, whole words for everything else."""

import re
from collections.abc import Iterator

from .fold import HAN

MAX_WORD = 40
_RUNS = re.compile(rf"(?P<han>[{HAN}]+)|(?P<word>(?:(?![{HAN}])[^\W_])+)")


def runs(folded: str) -> Iterator[tuple[bool, str]]:
    """The runs of a text: (is Chinese, the run). Punctuation and blanks only part them."""
    for match in _RUNS.finditer(folded):
        yield match.lastgroup == "han", match[0]


def pairs(run: str) -> list[str]:
    """Neighbouring characters, and the last one alone so that a search for one character can begin with it."""
    return [run[at : at + 2] for at in range(len(run))]


def word_terms(word: str) -> list[str]:
    """A word or number; a number with leading zeros also without them, as people quote it."""
    word = word[:MAX_WORD]
    short = word.lstrip("0")
    return [word, short] if short != word and short.isdigit() else [word]


def phrase_terms(folded: str) -> set[str]:
    """Every term a phrase search may ask for."""
    found: set[str] = set()
    for han, run in runs(folded):
        found.update(pairs(run) if han else word_terms(run))
    return found
