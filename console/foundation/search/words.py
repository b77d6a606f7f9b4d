"""Chinese words and their pinyin. The dictionaries load when first needed: most processes never need them."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product

from .terms import pairs, runs, word_terms

# Words that are in nearly every question and in no answer.
_STOP = """
的 了 是 我 你 您 吗 呢 吧 啊 呀 么 在 有 和 与 及 就 都 也 很 还 请 请问 怎么 怎么办 怎样 如何 什么 为什么
为啥 咋 怎 可以 能 能不能 可不可以 一下 想 要 我的 你们 我们 这个 那个 哪里 哪儿 多少
a an the of to in on for is are was be do does did how what when where which why can could i my me you your we
it and or with at by from this that there please
"""
STOP_WORDS = frozenset(_STOP.split())


@lru_cache(maxsize=4096)
def words_of(run: str) -> tuple[str, ...]:
    """The words of a Chinese run, longer ones with the shorter words inside them."""
    import rjieba

    return tuple(rjieba.cut_for_search(run))


@lru_cache(maxsize=8192)
def readings_of(char: str) -> tuple[str, ...]:
    """How a character may be read, without tones: 还 is huan in 还款, hai elsewhere; no list knows every word."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True, v_to_u=False, errors="ignore")
    return tuple(found[0][:3]) if found else ()


@lru_cache(maxsize=8192)
def sounds_of(word: str) -> tuple[tuple[str, ...], ...]:
    """The readings of a word, at most nine of them; none when it holds something that is not read."""
    return tuple(islice(product(*map(readings_of, word)), 9))


def text_terms(folded: str) -> Iterator[str]:
    """Words and pairs of a text, repeats included."""
    for han, run in runs(folded):
        if han:
            yield from pairs(run)
            yield from (word for word in words_of(run) if len(word) > 2)
        else:
            yield from word_terms(run)


def pinyin_terms(folded: str) -> Iterator[str]:
    """How the words and pairs of a text sound: full syllables, and the initials of words."""
    for han, run in runs(folded):
        if not han:
            continue
        for pair in pairs(run)[:-1]:
            for sounds in sounds_of(pair):
                yield "".join(sounds)
                yield sounds[0][0] + sounds[1][0]
        for word in words_of(run):
            if len(word) > 1:
                for sounds in sounds_of(word):
                    yield "".join(sounds)
                    yield "".join(sound[0] for sound in sounds)


@cache
def _all_syllables() -> frozenset[str]:
    from pypinyin.constants import PINYIN_DICT

    spelt = unicodedata.normalize("NFD", ",".join(set(PINYIN_DICT.values()))).replace("u\u0308", "v")
    return frozenset("".join(char for char in spelt if char.isascii()).split(","))


def split_pinyin(word: str) -> list[str]:
    """The syllables of pinyin typed in one go; empty when it cannot be read as pinyin."""
    if not (word.isascii() and word.isalpha()) or len(word) > 40:
        return []
    known = _all_syllables()
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            if best[start] is not None and word[start:end] in known:
                candidate = [*best[start], word[start:end]]
                if best[end] is None or len(candidate) < len(best[end]):
                    best[end] = candidate
    return best[-1] or []
