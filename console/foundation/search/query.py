"""What a person typed, as parts that must all be found. Any text is a fair query: nothing here raises."""

import re
from dataclasses import dataclass
from functools import cached_property

from ..text import clean, squeeze
from .fold import HAN, fold
from .terms import pairs, runs

MAX_QUERY = 200
MAX_PARTS = 12
_QUOTED = re.compile(r'["“”«»„]([^"“”«»„]+)["“”«»„]')
PREFIX_FROM = 3
# A letter or digit of a script that writes words apart.
_LETTER = re.compile(rf"[^\W_{HAN}]")


@dataclass(frozen=True)
class Part:
    """One run of the query (or a quoted phrase): the string itself, and the index terms it implies."""

    text: str
    terms: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    quoted: bool = False

    @cached_property
    def pattern(self) -> re.Pattern:
        """Where this part stands in a folded text. A word begins at a word's beginning, and ends there if short."""
        found = re.escape(self.text)
        if _LETTER.match(self.text):
            found = ("0*" if self.text[0] in "123456789" else "") + found
            found = f"(?<!{_LETTER.pattern})" + found
        if _LETTER.match(self.text[-1]) and not self.prefixes:
            found += f"(?!{_LETTER.pattern})"
        return re.compile(found)


@dataclass(frozen=True)
class Query:
    parts: tuple[Part, ...]

    @property
    def terms(self) -> list[str]:
        return list(dict.fromkeys(term for part in self.parts for term in part.terms))

    @property
    def prefixes(self) -> list[str]:
        return list(dict.fromkeys(prefix for part in self.parts for prefix in part.prefixes))

    def stands_in(self, folded: str) -> bool:
        """Whether every part is found: the last word over what the index can say."""
        return all(part.pattern.search(folded) for part in self.parts)


def folded_query(text: str) -> str:
    """A query as compared: cleaned, cut to a fair length, folded."""
    return fold(squeeze(clean(text[: MAX_QUERY * 4]))[:MAX_QUERY])


def parse(text: str) -> Query:
    """Parts of a query, the rest of it beyond MAX_PARTS dropped. Blank or mere punctuation gives no parts."""
    text = folded_query(text)
    parts = [_phrase(match[1].strip()) for match in _QUOTED.finditer(text)]
    found = list(runs(_QUOTED.sub(" ", text)))
    for place, (han, run) in enumerate(found):
        parts.append(_chinese(run) if han else _word(run, last=place == len(found) - 1))
    kept = [part for part in dict.fromkeys(parts) if part is not None]
    return Query(tuple(kept[:MAX_PARTS]))


def _chinese(run: str) -> Part:
    """All pairs of the run; one character alone is asked for as the beginning of a pair."""
    return Part(run, prefixes=(run,)) if len(run) == 1 else Part(run, terms=tuple(pairs(run)[:-1]))


def _word(word: str, last: bool) -> Part:
    """The word being typed may go on; earlier ones are whole. Numbers are found without their zeros too."""
    word = word[:40]
    if last and len(word) >= PREFIX_FROM:
        return Part(word, prefixes=(word,))
    return Part(word, terms=(word,))


def _phrase(text: str) -> Part | None:
    terms: list[str] = []
    for han, run in runs(text):
        terms += (pairs(run)[:-1] if len(run) > 1 else []) if han else [run[:40]]
    if not any(runs(text)):
        return None
    if not terms:
        return Part(text, prefixes=tuple(run for _, run in runs(text))[:1])
    return Part(text, terms=tuple(terms), quoted=True)
