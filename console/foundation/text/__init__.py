"""Text as it may be stored: cleaned at one boundary, normalised for comparing."""

import re
import unicodedata

# Everything PostgreSQL refuses (NUL, lone surrogates) or a terminal obeys; tab and line breaks stay.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Text both databases and every screen accept: no NUL, no lone surrogates, no control characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("", text) if _UNSAFE.search(text) else text


def normalise(text: str) -> str:
    """The form in which texts are compared: full width to half width, compatibility forms folded, lower case."""
    return unicodedata.normalize("NFKC", clean(text)).lower()


def squeeze(text: str) -> str:
    """One line: every run of white space becomes one space, none at the ends."""
    return _SPACES.sub(" ", text).strip()
