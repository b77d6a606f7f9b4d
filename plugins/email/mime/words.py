"""Header text: RFC 2047 words in any mixture, split inside a character, beside raw 8-bit bytes."""

from __future__ import annotations

import binascii
import re

from .charsets import codec_for, decode

WORD = re.compile(
    rb"=\?([^?\s=]{1,64})\?([bBqQ])\?(.{0,4000}?)\?=(?=[^0-9A-Za-z+/=?]|=\?|\"|\Z|[0-9A-Za-z])", re.DOTALL
)
FOLD = re.compile(rb"\r\n?[ \t]*|\n[ \t]*|\x00")
NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
LONGEST = 32 * 1024


def decode_words(value: bytes, hint: str | None = None) -> str:
    """Text of a raw header value. `hint` is the charset to try for bytes outside of words. Never raises."""
    value = _unfold(value[:LONGEST])
    if b"=?" not in value:
        return decode(value, hint).text.strip()
    pieces: list[str] = []
    run: list[tuple[str, bytes, bytes]] = []
    end = 0
    for match in WORD.finditer(value):
        between = value[end : match.start()]
        if between.strip() or not run:
            pieces.append(_run(run) + _plain(between, hint))
            run = []
        charset = match[1].split(b"*")[0].decode("latin-1")
        run.append((charset, match[2].upper(), match[3]))
        end = match.end()
    pieces.append(_run(run) + _plain(value[end:], hint))
    return "".join(pieces).strip()


def _unfold(value: bytes) -> bytes:
    return FOLD.sub(b" ", value) if (b"\n" in value or b"\r" in value or b"\0" in value) else value


def _plain(data: bytes, hint: str | None) -> str:
    return decode(data, hint).text if data else ""


def _run(words: list[tuple[str, bytes, bytes]]) -> str:
    """Neighbouring words: bytes of one charset are put together before they are decoded."""
    groups: list[tuple[str, bytes]] = []
    for charset, data in _unpacked(words):
        same = groups and (codec_for(groups[-1][0]) or groups[-1][0]) == (codec_for(charset) or charset)
        if same:
            groups[-1] = (groups[-1][0], groups[-1][1] + data)
        else:
            groups.append((charset, data))
    return "".join(decode(data, charset).text for charset, data in groups)


def _unpacked(words: list[tuple[str, bytes, bytes]]) -> list[tuple[str, bytes]]:
    out: list[tuple[str, bytes]] = []
    held = b""
    for index, (charset, kind, text) in enumerate(words):
        if kind == b"Q":
            out.append((charset, _q(text)))
            continue
        clean = held + text.translate(None, NOT_BASE64)
        more = index + 1 < len(words) and words[index + 1][0] == charset and words[index + 1][1] == kind
        cut = len(clean) % 4 if more and b"=" not in text else 0
        held = clean[len(clean) - cut :] if cut else b""
        out.append((charset, base64_piece(clean[: len(clean) - cut])))
    return out


def base64_piece(clean: bytes) -> bytes:
    """Bytes of a base64 run without padding or foreign characters; a single left-over character is dropped."""
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _q(text: bytes) -> bytes:
    return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)
