"""The header block: names and raw values, broken folding mended, and where the body begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .words import decode_words

LARGEST_BLOCK = 256 * 1024
MOST_FIELDS = 1000
FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]?(.*)\Z", re.DOTALL)
KNOWN_FIELD = re.compile(
    rb"(?im)^(from|to|cc|subject|date|message-id|mime-version|content-type|content-transfer-encoding|received"
    rb"|content-disposition|return-path|x-[a-z-]+)[ \t]*:"
)
WORD_LINE = re.compile(rb"[ \t]*=\?[^?]+\?[bBqQ]\?.*\?=[ \t]*\Z")
ENVELOPE_LINE = re.compile(rb">?From [^\n]*\n")


class Headers:
    """Fields of one part in order. Names are compared without case; values stay bytes until asked for."""

    __slots__ = ("fields",)

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields

    def raw(self, name: str) -> bytes:
        """The first value of a field as it came, b"" without one."""
        return next(self.all_raw(name), b"")

    def all_raw(self, name: str) -> Iterator[bytes]:
        """Every value of a field, top first."""
        return (value for key, value in self.fields if key == name)

    def text(self, name: str, hint: str | None = None) -> str:
        """The first value, decoded and on one line."""
        value = self.raw(name)
        return " ".join(decode_words(value, hint).split()) if value else ""

    def all_text(self, name: str) -> list[str]:
        """Every value, decoded."""
        return [" ".join(decode_words(value).split()) for value in self.all_raw(name)]

    def has(self, name: str) -> bool:
        """Is the field there, even if empty?"""
        return any(key == name for key, _ in self.fields)

    def names(self) -> set[str]:
        """Names present, lower-case."""
        return {key for key, _ in self.fields}


class Block(NamedTuple):
    """A read header block: fields, offset of the body, notes."""

    headers: Headers
    body_start: int
    notes: tuple[str, ...]


def read_block(data: bytes, start: int, end: int, *, top: bool = False) -> Block:
    """Read the header block of `data[start:end]`. Never raises; without any field the body starts at once."""
    notes: list[str] = []
    position = _skip_preamble(data, start, end) if top else start
    limit = min(end, position + LARGEST_BLOCK)
    fields: list[tuple[str, bytes]] = []
    while position < limit:
        line_end = data.find(b"\n", position, limit)
        after = limit if line_end < 0 else line_end + 1
        line = data[position : after if line_end < 0 else line_end].rstrip(b"\r")
        if not line.strip(b" \t\0"):
            if not fields and not line.strip() and top and after < end and not line:
                position = after
                continue
            return _done(fields, after, notes)
        if not _take(line, fields) and not _mend(line, fields, notes, data[after : after + 8192]):
            return _done(fields, position, [*notes, "header_body_separator_missing"] if fields else notes)
        position = after
    if position < end:
        notes.append("headers_too_large")
        position = _after_blank_line(data, position, end)
    return _done(fields, position, notes)


def _done(fields: list[tuple[str, bytes]], position: int, notes: list[str]) -> Block:
    if len(fields) > MOST_FIELDS:
        fields, notes = fields[:MOST_FIELDS], [*notes, "headers_too_many"]
    return Block(Headers(fields), position, tuple(dict.fromkeys(notes)))


def _skip_preamble(data: bytes, start: int, end: int) -> int:
    while data[start : start + 1] in (b"\r", b"\n", b"\0") and start < end:
        start += 1
    match = ENVELOPE_LINE.match(data, start, min(end, start + 1000))
    return match.end() if match else start


def _after_blank_line(data: bytes, position: int, end: int) -> int:
    for mark in (b"\n\r\n", b"\n\n"):
        found = data.find(mark, position, end)
        if found >= 0:
            return found + len(mark)
    return end


def _take(line: bytes, fields: list[tuple[str, bytes]]) -> bool:
    """Add one line to the fields. False when it is neither a field nor a continuation."""
    if line[:1] in (b" ", b"\t"):
        if fields:
            _continue(fields, line)
        return True
    match = FIELD.match(line)
    if match:
        fields.append((match[1].decode("ascii").lower(), match[2]))
    return match is not None


def _mend(line: bytes, fields: list[tuple[str, bytes]], notes: list[str], rest: bytes) -> bool:
    """Fold a stray line back into the field above, if the header plainly goes on. False: the body has begun."""
    if not fields or not (WORD_LINE.match(line) or _headers_go_on(rest)):
        return False
    notes.append("header_folding_broken")
    _continue(fields, b" " + line)
    return True


def _continue(fields: list[tuple[str, bytes]], line: bytes) -> None:
    name, value = fields[-1]
    if len(value) < 65536:
        fields[-1] = (name, value + b"\r\n" + line)


def _headers_go_on(rest: bytes) -> bool:
    block = re.split(rb"\r?\n[ \t]*\r?\n", rest, maxsplit=1)[0]
    return bool(KNOWN_FIELD.search(block))
