"""Undoing base64, quoted-printable and uuencode, also when the label is wrong or a footer was glued on."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from .uu import decode_uu
from .words import NOT_BASE64, base64_piece

PADDING = re.compile(rb"=+")
NOT_BASE64_LINE = re.compile(rb"^(?![A-Za-z0-9+/=\s]*$).+$", re.MULTILINE)
HIGH_QP = re.compile(rb"=(?:[89A-F][0-9A-F])")
BASE64_ONLY = re.compile(rb"\s*(?:[A-Za-z0-9+/]{60,100}\r?\n)+[A-Za-z0-9+/]*={0,2}\s*\Z")


class Plain(NamedTuple):
    """Decoded bytes and a note when the label did not fit."""

    data: bytes
    note: str = ""


def undo(body: bytes, encoding: bytes, *, text: bool) -> Plain:
    """Bytes of a part. `text` allows repairs that make sense for readable parts only. Never raises."""
    name = encoding.split(b"(")[0].strip(b" \t\r\n\"';").lower()
    if name == b"base64":
        return _base64(body, text)
    if name == b"quoted-printable":
        return Plain(binascii.a2b_qp(body))
    if name in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        return Plain(decode_uu(body))
    if text:
        hidden = _unlabelled(body)
        if hidden:
            return hidden
    known = name in (b"", b"7bit", b"8bit", b"binary", b"7-bit", b"8-bit", b"none", b"utf-8", b"utf8")
    return Plain(body, "" if known else "encoding_unknown")


def _base64(body: bytes, text: bool) -> Plain:
    stray = NOT_BASE64_LINE.search(body[: 8 * 1024 * 1024]) if text else None
    if stray is None:
        return Plain(_all_pieces(body))
    head, tail = body[: stray.start()], body[stray.start() :]
    if len(head.strip()) < 4:
        return Plain(body, "encoding_wrong")
    if len(NOT_BASE64_LINE.findall(tail[:65536])) > 60 and len(tail) > len(head):
        return Plain(_all_pieces(body), "encoding_damaged")
    return Plain(_all_pieces(head) + b"\n\n" + tail, "text_after_base64")


def _all_pieces(body: bytes) -> bytes:
    """Every padded run on its own: some gateways glue several together."""
    clean = body.translate(None, NOT_BASE64.replace(b"=", b""))
    if b"=" not in clean.rstrip(b"="):
        return base64_piece(clean.rstrip(b"="))
    return b"".join(base64_piece(piece) for piece in PADDING.split(clean) if piece)


def _unlabelled(body: bytes) -> Plain | None:
    """Text that is encoded although nothing says so."""
    if len(HIGH_QP.findall(body[:20000])) >= 6 and body.isascii():
        return Plain(binascii.a2b_qp(body), "encoding_missing")
    if len(body) < 2_000_000 and BASE64_ONLY.match(body):
        data = _all_pieces(body)
        if data.isascii() or _reads(data):
            return Plain(data, "encoding_missing")
    return None


def _reads(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
