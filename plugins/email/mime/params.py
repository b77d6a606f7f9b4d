"""`type/subtype; name=value` fields, with RFC 2231 continuations and everything clients do instead."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from .charsets import decode
from .words import decode_words

PARAMETER = re.compile(rb"""[;\s]*([^=;\s"]{1,80})\s*=\s*("(?:\\.|[^"\\])*"?|[^;]*)""", re.DOTALL)
NUMBERED = re.compile(r"(.+?)\*(\d{1,3})?(\*)?\Z")
ESCAPE = re.compile(rb'\\(["\\])')
MOST = 64


class Field(NamedTuple):
    """A structured field: the first token in lower case, and its parameters."""

    value: str
    params: dict[str, str]


def read_field(raw: bytes) -> Field:
    """Read a Content-Type or Content-Disposition. Never raises; what cannot be read is left out."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\0", b"")[:32768]
    head, _, rest = raw.partition(b";")
    value = decode(head).text.split("(")[0].strip().strip('"').lower()
    plain: dict[str, bytes] = {}
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for count, match in enumerate(PARAMETER.finditer(rest)):
        if count >= MOST:
            break
        _store(match[1].decode("latin-1").lower(), _unquoted(match[2]), plain, pieces)
    params = {name: decode_words(text) for name, text in plain.items()}
    params.update({name: _joined(parts) for name, parts in pieces.items()})
    return Field("".join(value.split()), params)


def _unquoted(raw: bytes) -> bytes:
    raw = raw.strip()
    if raw[:1] == b'"':
        raw = ESCAPE.sub(rb"\1", raw[1:].removesuffix(b'"'))
    return raw


def _store(name: str, value: bytes, plain: dict[str, bytes], pieces: dict[str, dict[int, tuple[bytes, bool]]]) -> None:
    match = NUMBERED.match(name)
    if match:
        pieces.setdefault(match[1], {}).setdefault(int(match[2] or 0), (value, bool(match[3] or not match[2])))
    else:
        plain.setdefault(name, value)


def _joined(parts: dict[int, tuple[bytes, bool]]) -> str:
    """Pieces in order of their numbers; the charset stands in the first one that is encoded."""
    charset, data, encoded = "", b"", False
    for number in sorted(parts):
        value, percent = parts[number]
        if percent:
            if not encoded and value.count(b"'") >= 2:
                label, _, value = value.split(b"'", 2)
                charset = label.decode("latin-1")
            encoded = True
            value = unquote_to_bytes(value)
        data += value
    return decode(data, charset or None).text if encoded else decode_words(data)
