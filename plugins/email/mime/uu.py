"""Files uuencoded into the text of old mails."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,200})\r?\n", re.MULTILINE)
END = re.compile(rb"^end[ \t]*\r?$", re.MULTILINE)
DATA_LINE = re.compile(rb"[ -`]+\Z")
MOST = 50


class UuFile(NamedTuple):
    """A file found in a text, and the raw name on its first line."""

    name: bytes
    content: bytes


def decode_uu(body: bytes) -> bytes:
    """Bytes of a uuencoded body, with or without its begin and end lines."""
    begin = BEGIN.search(body)
    start = begin.end() if begin else 0
    end = END.search(body, start)
    return _lines(body[start : end.start() if end else len(body)])


def take_files(body: bytes) -> tuple[bytes, list[UuFile]]:
    """Text without its uuencoded files, and the files. A `begin` that does not hold data stays text."""
    files: list[UuFile] = []
    kept: list[bytes] = []
    position = 0
    for begin in BEGIN.finditer(body):
        if begin.start() < position or len(files) >= MOST:
            continue
        end = END.search(body, begin.end())
        inside = body[begin.end() : end.start() if end else len(body)]
        if end is None or not _is_data(inside):
            continue
        files.append(UuFile(begin[1], _lines(inside)))
        kept.append(body[position : begin.start()])
        position = end.end()
    return (b"".join([*kept, body[position:]]), files) if files else (body, [])


def _is_data(inside: bytes) -> bool:
    """Are the first lines as long as their first character says?"""
    lines = [line.rstrip(b"\r") for line in inside.split(b"\n")[:20] if line.strip()]
    return bool(lines) and all(DATA_LINE.match(line) and len(line) > ((line[0] - 32) & 63) * 4 // 3 for line in lines)


def _lines(body: bytes) -> bytes:
    out = []
    for line in body.splitlines():
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            out.append(_loose(line))
    return b"".join(out)


def _loose(line: bytes) -> bytes:
    """A line with trailing rubbish: only the length it declares is read."""
    if not line:
        return b""
    count = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:count])
    except binascii.Error:
        return b""
