# ruff: noqa: S608  statements are put together from our own constants; every value is a parameter
"""Ranked search in articles: the rarest words name the candidates, BM25F over title and text puts them in order.

The candidates come from the index without any ranking of the database's own, so both databases give the same
list. A word in very many articles names candidates by its title postings only.
"""

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from . import sql, words
from .engine import Hit
from .kinds import Kind, lexicon_of
from .query import MAX_QUERY, folded_query
from .snippets import marked
from .terms import pairs, runs, word_terms

CAP = 800
CANDIDATES = 60
MAX_WORDS = 28
K1, B = 1.2, 0.5
TITLE_WEIGHT = 2.5
PAIR, SOUND, SYNONYM = 0.45, 0.35, 0.8
COUNT_SECONDS = 60.0

_counts: dict[int, tuple[float, int]] = {}


@dataclass(frozen=True)
class Word:
    """One thing looked for: the string, its weight, and the alternatives that count as the same.

    `spelt` is the Latin word a sound was read from: it is a sound only where no document has it as a word.
    """

    text: str
    weight: float = 1.0
    sounds: bool = False
    instead: tuple[str, ...] = ()
    spelt: str = ""


def search(kind: Kind, text: str, scope: Any, limit: int) -> list[Hit]:
    """Best matches first; documents that share no word with the query are never hits."""
    wanted = list(_wanted(kind, text))[:MAX_WORDS]
    if not wanted or limit < 1:
        return []
    try:
        where = [sql.scope_clause(scope)]
    except sql.Nothing:
        return []
    scores, found = _candidates(kind, wanted, where)
    best = sorted(scores, key=lambda key: (-scores[key], -key))[: max(CANDIDATES, 2 * limit)]
    if not best:
        return []
    rows = _read(best)
    average = sum(len(row[1]) for row in rows) / len(rows)
    ranked = sorted(((_score(row, found, average), row) for row in rows), key=lambda pair: (-pair[0], -pair[1][0]))
    return [Hit(row[0] >> 4, round(score, 6), _snippet(row, found)) for score, row in ranked[:limit] if score > 0]


def _wanted(kind: Kind, text: str) -> Iterator[Word]:
    """Words, pairs and synonyms of the query, each once, stop words left out unless nothing else is there."""
    lexicon = lexicon_of(kind.name)
    stop = words.STOP_WORDS | lexicon.stop_words
    folded = folded_query(text)[:MAX_QUERY]
    plain = list(_split(folded))
    kept = [word for word in plain if word.text not in stop] or plain
    seen: set[tuple[str, bool]] = set()
    for word in kept:
        if (word.text, word.sounds) not in seen:
            seen.add((word.text, word.sounds))
            yield replace(word, instead=tuple(lexicon.synonyms.get(word.text, ())))


def _split(folded: str) -> Iterator[Word]:
    for han, run in runs(folded):
        if not han:
            yield from (Word(each) for each in word_terms(run))
            yield from _typed_sounds(run)
            continue
        known = {word for word in words.words_of(run) if len(word) > 1}
        yield from (Word(word) for word in sorted(known, key=run.find))
        yield from (Word(pair, PAIR) for pair in pairs(run)[:-1] if pair not in known)
        if len(run) == 1:
            yield Word(run)


def _typed_sounds(run: str) -> Iterator[Word]:
    """Pinyin or initials typed in place of Chinese: the whole, and neighbours two by two."""
    if not (run.isascii() and run.isalpha()) or len(run) < 2:
        return
    yield Word(run, SOUND, sounds=True, spelt=run)
    # A short word may be initials; a long one that is no pinyin is a word of another language.
    sounds = words.split_pinyin(run) or (list(run) if len(run) <= 4 else [])
    yield from (Word(first + second, SOUND, sounds=True, spelt=run) for first, second in pairwise(sounds))


@dataclass(frozen=True)
class Found:
    """A word with its weight in this collection, ready to score documents with."""

    word: Word
    idf: float
    strings: tuple[str, ...]


def _candidates(kind: Kind, wanted: list[Word], where: list[sql.Clause]) -> tuple[dict[int, float], list[Found]]:
    """Documents by the summed weight of the words that name them, and what each word weighs."""
    total = _count(kind)
    scores: dict[int, float] = defaultdict(float)
    found: list[Found] = []
    written: set[str] = set()
    for word in wanted:
        if word.spelt in written:
            continue
        postings, common = _postings(kind, word, where)
        if not postings and not word.sounds and len(word.text) == 2:
            word, postings, common = _as_heard(kind, word, where)
        if postings and not word.sounds:
            written.add(word.text)
        size = max(len(postings), CAP if common else 1)
        idf = word.weight * math.log(1 + (max(total, size) - size + 0.5) / (size + 0.5))
        found.append(Found(word, idf, (word.text, *word.instead)))
        for key in postings:
            scores[key] += idf
    return scores, found


def _postings(kind: Kind, word: Word, where: list[sql.Clause]) -> tuple[list[int], bool]:
    """Ids of documents that hold the word; of one in too many, the newest that hold it in the title."""
    strings = (word.text, *word.instead)
    field = "2" if word.sounds else "0"
    found: dict[int, None] = {}
    for string in strings:
        found |= dict.fromkeys(sql.postings(where, _match(kind, field, string), CAP + 1))
        if len(found) > CAP:
            title = "2" if word.sounds else "1"
            newest = (sql.matching(f"{sql.TABLE}.id", where, _match(kind, title, each), CAP) for each in strings)
            return sorted({row[0] for rows in newest for row in rows}, reverse=True)[:CAP], True
    return list(found), False


def _match(kind: Kind, field: str, string: str) -> sql.Clause:
    """One Chinese character alone stands for every pair that begins with it."""
    term = f"{kind.mark}{field}{string}"
    return sql.match([], [term]) if len(string) == 1 and not string.isascii() else sql.match([term])


def _as_heard(kind: Kind, word: Word, where: list[sql.Clause]) -> tuple[Word, list[int], bool]:
    """A pair that no document has may be a slip among characters that sound alike."""
    sounds = list(map("".join, words.sounds_of(word.text)))
    if not sounds:
        return word, [], False
    heard = Word(sounds[0], SOUND, sounds=True, instead=tuple(sounds[1:]))
    return heard, *_postings(kind, heard, where)


def _count(kind: Kind) -> int:
    """How many documents the kind has; counted about once a minute."""
    now = time.monotonic()
    kept = _counts.get(kind.code)
    if kept is None or kept[0] < now:
        total = sql.rows(f"SELECT COUNT(*) FROM {sql.TABLE} WHERE kind = %s", [kind.code])[0][0]
        kept = _counts[kind.code] = (now + COUNT_SECONDS, total)
    return kept[1]


def _read(ids: list[int]) -> list[tuple]:
    holes = ", ".join(["%s"] * len(ids))
    return sql.rows(f"SELECT id, text, folded, title_length FROM {sql.TABLE} WHERE id IN ({holes})", ids)


def _score(row: tuple, found: list[Found], average: float) -> float:
    """BM25F: how often each word stands in title and text, weighed by how rare it is."""
    folded = row[1] if row[2] is None else row[2]
    title, body = folded[: row[3]], folded[row[3] :]
    stretch = 1 - B + B * len(folded) / average
    total = 0.0
    for each in found:
        if each.word.sounds:
            total += each.idf * _heard(each.strings, title)
            continue
        often = sum(TITLE_WEIGHT * title.count(string) + body.count(string) / stretch for string in each.strings)
        total += each.idf * often * (K1 + 1) / (often + K1)
    return total


def _heard(sounds: tuple[str, ...], title: str) -> float:
    """How much a text sounds like this: most in the title, little when only some body text may."""
    if not _spoken(title).isdisjoint(sounds):
        return 0.8
    return 0.25


@lru_cache(maxsize=2048)
def _spoken(title: str) -> frozenset[str]:
    return frozenset(words.pinyin_terms(title))


def _snippet(row: tuple, found: list[Found]) -> str:
    """The stretch of the body around its first strong word; the title is shown by the list itself."""
    folded = row[1] if row[2] is None else row[2]
    begin = min(row[3] + 1, len(folded))
    body, shown = folded[begin:], row[1][begin:]
    spans: list[tuple[int, int]] = []
    for each in sorted(found, key=lambda each: -each.idf):
        for string in each.strings:
            at = body.find(string)
            while at >= 0 and len(spans) < 40:
                spans.append((at, at + len(string)))
                at = body.find(string, at + 1)
    return marked(shown, spans[:40])
