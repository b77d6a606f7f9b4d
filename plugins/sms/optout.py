"""Answers that mean "no more": a code word alone in the message."""

from __future__ import annotations

import re
import unicodedata

DEFAULT = "T, TD, N, R, 退订, 退訂, 回T退订, TD退订, 拒收, 0000, 00000, STOP, UNSUBSCRIBE"
_NOISE = re.compile(r"[\s\W_]+")


def plain(text: str) -> str:
    """One width, one case, without blanks and marks."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def words_in(listed: str) -> frozenset[str]:
    """Words of a list with commas or line breaks."""
    return frozenset(filter(None, (plain(word) for word in re.split(r"[,，、;；\n]", listed))))


def wants_out(text: str, listed: str = DEFAULT) -> bool:
    """Whether this is nothing but one of the words."""
    return len(text) <= 40 and plain(text) in words_in(listed)
