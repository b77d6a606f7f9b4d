"""Reports written for people: the address and the reason, found in the words of many servers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..mime.addresses import normal_address, read_addresses
from ..mime.headers import Headers
from .codes import meaning
from .model import Action, Recipient
from .original import Report
from .wording import ADDRESS, address_patterns, pattern

ANY = (re.compile(ADDRESS),)
LINES, PHRASES = address_patterns("address_lines"), address_patterns("address_phrases")
CODE_LINE = re.compile(r"(?<![\d.])[45]\d\d[ \-#]|(?<![\d.])[45]\.\d\.\d{1,3}(?!\.\d)")
NOT_A_RECIPIENT = pattern("not_a_recipient")
DELAYED, GAVE_UP = pattern("delayed"), pattern("gave_up")


def read_prose(report: Report, headers: Headers, ours: Iterable[str]) -> list[Recipient]:
    """Recipients named by a report without machine-readable fields. Never raises."""
    words = report.words
    own = set(ours)
    addresses = _failed_header(headers) or _chosen(words, report.original, own)
    action = (
        Action.DELAYED
        if DELAYED.search(f"{headers.text('subject')}\n{words}") and not GAVE_UP.search(words)
        else Action.FAILED
    )
    return [_one(address, words, action) for address in addresses] or [_one("", words, action)]


def _one(address: str, words: str, action: Action) -> Recipient:
    near = _near(words, address)
    diagnostic = _diagnostic(near) or _diagnostic(words) or near
    what = meaning("", diagnostic, f"{near}\n{words}", permanent=action is Action.FAILED)
    return Recipient(address=address, action=action, meaning=what, diagnostic=diagnostic[:500])


def _failed_header(headers: Headers) -> list[str]:
    values = [*headers.all_raw("x-failed-recipients"), *headers.all_raw("x-failed-recipient")]
    return [box.address for box in read_addresses(values)]


def _chosen(words: str, original: Headers, own: set[str]) -> list[str]:
    """Addresses in telling places; else those the returned mail was written to; else any that is not a postmaster."""
    written_to = [box.address for name in ("to", "cc", "bcc") for box in read_addresses(original.all_raw(name))]
    strong = _in_order(words, own, LINES, together=True) or _in_order(words, own, PHRASES)
    both = [address for address in strong if address in written_to]
    if both or strong:
        return both or strong
    named = _in_order(words, own, ANY)
    both = [address for address in named if address in written_to]
    if both:
        return both
    if len(named) == 1:
        return named
    return [address for address in written_to[:3] if address not in own] or named[:3]


def _in_order(words: str, own: set[str], patterns: Iterable[re.Pattern[str]], *, together: bool = False) -> list[str]:
    found: dict[str, None] = {}
    for phrase in patterns:
        for match in phrase.finditer(words[:20_000]):
            address = normal_address(match[match.lastindex or 0].rstrip(".:,'"))
            if (
                address
                and address not in own
                and not NOT_A_RECIPIENT.match(address)
                and "." in address.rpartition("@")[2]
            ):
                found[address] = None
        if found and not together:
            break
    return list(found)[:20]


def _near(words: str, address: str) -> str:
    at = words.lower().find(address) if address else -1
    if at < 0:
        return ""
    start = max(words.rfind("\n", 0, at) + 1, at - 300)
    return words[start : at + 600].strip()


def _diagnostic(text: str) -> str:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if CODE_LINE.search(line):
            return " ".join(" ".join(lines[at : at + 3]).split())
    return ""
