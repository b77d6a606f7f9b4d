"""Address lists as people's clients write them: groups, comments, semicolons, raw 8-bit names, IDN domains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import idna

from .charsets import decode
from .words import decode_words

TOKEN = re.compile(rb'"(?:\\.|[^"\\])*"|<[^<>]*>|[,;:()]|=\?[^?\s]*\?[bBqQ]\?[^?]*\?=|[^",;:()<=]+|.', re.DOTALL)
BARE = re.compile(r"[^\s<>()\"',;:\[\]]+@[^\s<>()\"',;]+")
IN_ANGLES = re.compile(r"<[^<>]*@[^<>]*>")
SPACED_AT = re.compile(r"\s*@\s*")
MOST = 1000
LONGEST = 320


class Mailbox(NamedTuple):
    """One address in lower case, domain in its ASCII form, with the name shown beside it."""

    address: str
    name: str = ""


def read_addresses(values: Iterable[bytes], hint: str | None = None) -> list[Mailbox]:
    """Every address in these header values, in order, each once. Never raises."""
    found: dict[str, Mailbox] = {}
    for value in values:
        for segment, comment in _segments(value[:262144]):
            box = _mailbox(segment, comment, hint)
            if box and len(found) < MOST:
                found.setdefault(box.address, box)
    return list(found.values())


def normal_address(text: str) -> str:
    """The form an address is compared by, "" when it is none."""
    text = SPACED_AT.sub("@", text.strip().strip("<>").strip())
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    local, at, domain = text.rpartition("@")
    local, domain = local.strip().strip("'"), domain.strip().rstrip(".'").lower()
    if not (at and local and domain) or len(text) > LONGEST or any(ord(char) < 33 for char in local + domain):
        return ""
    return f"{local.lower()}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A domain in its xn-- form; one that has none stays as it is."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def _segments(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Split at commas and semicolons outside of quotes, angles and comments; group names are dropped."""
    current: list[bytes] = []
    comment: list[bytes] = []
    depth = 0
    for match in TOKEN.finditer(value):
        token = match[0]
        if token == b"(":
            depth += 1
        elif token == b")":
            depth = max(0, depth - 1)
        elif depth:
            comment.append(token)
        elif token in (b",", b";"):
            yield b"".join(current), b"".join(comment)
            current, comment = [], []
        elif (
            token == b":" and not any(b"@" in piece for piece in current) and b"mailto" not in b"".join(current).lower()
        ):
            current, comment = [], []
        else:
            current.append(token)
    yield b"".join(current), b"".join(comment)


def _mailbox(segment: bytes, comment: bytes, hint: str | None) -> Mailbox | None:
    angle = segment.rfind(b"<")
    if angle >= 0:
        inside = segment[angle + 1 :].partition(b">")[0]
        address = normal_address(_address_text(inside))
        name = segment[:angle]
    else:
        text = _address_text(segment)
        match = BARE.search(text)
        address = normal_address(match[0]) if match else normal_address(text) if '"' in text else ""
        name = comment or (segment.replace(match[0].encode("utf-8", "replace"), b"") if match else b"")
    if not address and b"@" in segment:
        match = BARE.search(_address_text(segment))
        address = normal_address(match[0]) if match else ""
    return Mailbox(address, _shown(_name(name or comment, hint), address)) if address else None


def _shown(name: str, address: str) -> str:
    """A name worth showing: not the address again, not a stray scheme."""
    name = IN_ANGLES.sub("", name).strip()
    return "" if name.lower() in (address, "mailto:") else name


def _address_text(raw: bytes) -> str:
    text = decode_words(raw) if b"=?" in raw else decode(raw).text
    return text.strip()


def _name(raw: bytes, hint: str | None) -> str:
    text = decode_words(
        raw.replace(b'\\"', b"\0").replace(b'"', b" ").replace(b"\0", b'"').replace(b"\\\\", b"\\"), hint
    )
    return " ".join(text.split()).strip("'").strip()[:200]
