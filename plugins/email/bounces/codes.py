"""What a refusal means, from its codes and its words: the table that every provider's wording goes through."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class Kind(StrEnum):
    """Classes of refusal a sender can act on."""

    UNKNOWN_USER = "unknown_user"
    UNKNOWN_HOST = "unknown_host"
    DISABLED = "disabled"
    MOVED = "moved"
    FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    SPAM = "blocked_spam"
    BLOCKED = "blocked_sender"
    RATE = "rate_limited"
    POLICY = "policy"
    SECURITY = "security"
    CONTENT = "content"
    EXPIRED = "expired"
    NETWORK = "network"
    SYSTEM = "system"
    LOOP = "loop"
    OTHER = "other"


HARD = {Kind.UNKNOWN_USER, Kind.UNKNOWN_HOST, Kind.DISABLED, Kind.MOVED}

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.:/-])([45][0-7]\d)(?=[ \-#,:;]|\Z)")

BY_STATUS = {
    "1.0": Kind.UNKNOWN_USER, "1.1": Kind.UNKNOWN_USER, "1.2": Kind.UNKNOWN_HOST, "1.3": Kind.UNKNOWN_USER,
    "1.6": Kind.MOVED, "1.10": Kind.UNKNOWN_USER, "1.8": Kind.BLOCKED, "1.7": Kind.BLOCKED,
    "2.0": Kind.DISABLED, "2.1": Kind.DISABLED, "2.2": Kind.FULL, "2.3": Kind.TOO_LARGE,
    "3.0": Kind.SYSTEM, "3.1": Kind.FULL, "3.2": Kind.SYSTEM, "3.4": Kind.TOO_LARGE, "3.5": Kind.SYSTEM,
    "4.0": Kind.NETWORK, "4.1": Kind.NETWORK, "4.2": Kind.NETWORK, "4.3": Kind.NETWORK, "4.4": Kind.UNKNOWN_HOST,
    "4.5": Kind.RATE, "4.6": Kind.LOOP, "4.7": Kind.EXPIRED, "4.14": Kind.LOOP,
    "6.0": Kind.CONTENT, "6.1": Kind.CONTENT, "6.3": Kind.CONTENT,
    "7.0": Kind.POLICY, "7.1": Kind.POLICY, "7.8": Kind.SECURITY, "7.9": Kind.SECURITY, "7.26": Kind.SECURITY,
    "7.25": Kind.SECURITY, "7.23": Kind.SECURITY, "7.20": Kind.SECURITY, "7.28": Kind.RATE, "7.27": Kind.SECURITY,
}  # fmt: skip


def _phrases() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    table = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
    return tuple((Kind(row["kind"]), re.compile("|".join(row["words"]), re.IGNORECASE)) for row in table["refusal"])


PHRASES = _phrases()


class Meaning(NamedTuple):
    """Class of a refusal, its enhanced status code, and whether it is final."""

    kind: Kind
    status: str
    permanent: bool


def meaning(status: str, diagnostic: str, text: str = "", *, permanent: bool = True) -> Meaning:
    """Read status field, diagnostic and, failing both, the text around. A vague status gives way to words."""
    code = _enhanced(diagnostic) or ENHANCED.search(status) or _enhanced(text)
    vague = ENHANCED.search(status)
    found = code or vague
    words = _by_words(diagnostic) or _by_words(text)
    by_code = BY_STATUS.get(f"{int(found[2])}.{int(found[3])}") if found else None
    reply = REPLY.search(diagnostic)
    final = found[1] == "5" if found else reply[1].startswith("5") if reply else permanent
    kind = _choose(words, by_code, found)
    if not found and kind in (Kind.FULL, Kind.NETWORK, Kind.RATE, Kind.SYSTEM) and not reply:
        final = False if kind is not Kind.FULL else permanent
    return Meaning(kind, found[0] if found else "", final)


def _enhanced(text: str) -> re.Match[str] | None:
    """The first code that says something; `5.0.0` only if there is no better one."""
    first = None
    for match in ENHANCED.finditer(text[:4000]):
        if match[2] != "0" or match[3] != "0":
            return match
        first = first or match
    return first


VAGUE = {Kind.POLICY, Kind.SYSTEM, Kind.OTHER, Kind.NETWORK, Kind.CONTENT, Kind.BLOCKED}


def _choose(words: Kind | None, by_code: Kind | None, code: re.Match[str] | None) -> Kind:
    if by_code is None:
        return words or Kind.OTHER
    if words is None or (words in VAGUE and by_code not in VAGUE):
        return by_code
    if by_code in VAGUE or code is None:
        return words
    return (
        words if words in (Kind.SPAM, Kind.FULL, Kind.DISABLED, Kind.RATE, Kind.SECURITY, Kind.TOO_LARGE) else by_code
    )


def _by_words(text: str) -> Kind | None:
    text = text[:6000]
    return next((kind for kind, pattern in PHRASES if text and pattern.search(text)), None)
