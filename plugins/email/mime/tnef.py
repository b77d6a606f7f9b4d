"""Files and text inside Outlook's winmail.dat, as far as a mail room needs them."""

from __future__ import annotations

import struct
from typing import NamedTuple

SIGNATURE = b"\x78\x9f\x3e\x22"
ATT_BODY, ATT_RENDER, ATT_TITLE, ATT_DATA, ATT_MAPI = 0x800C, 0x9002, 0x8010, 0x800F, 0x9005
LONG_NAME = 0x3707
MOST = 100


class TnefFile(NamedTuple):
    """A file: its name as raw bytes, and its content."""

    name: bytes
    content: bytes


def open_tnef(data: bytes) -> tuple[bytes, list[TnefFile]]:
    """The plain body and the files of a winmail.dat. Damaged input gives what came before the damage."""
    body, files = b"", []
    names: dict[int, bytes] = {}
    if not data.startswith(SIGNATURE):
        return b"", []
    position = 6
    while position + 9 <= len(data) and len(files) < MOST:
        _level, attribute, length = struct.unpack_from("<BII", data, position)
        attribute &= 0xFFFF
        value = data[position + 9 : position + 9 + length]
        position += 9 + length + 2
        if attribute == ATT_BODY:
            body = value.rstrip(b"\0")
        elif attribute == ATT_DATA:
            files.append(TnefFile(names.get(len(files), b""), value))
        elif attribute == ATT_TITLE:
            _name(names, files, value.rstrip(b"\0"), replace=False)
        elif attribute == ATT_MAPI:
            _name(names, files, _long_name(value), replace=True)
    return body, [TnefFile(names.get(at) or file.name, file.content) for at, file in enumerate(files)]


def _name(names: dict[int, bytes], files: list[TnefFile], value: bytes, *, replace: bool) -> None:
    """Titles come before or after the data they belong to; the long MAPI name comes last and wins."""
    at = len(files) - 1 if files and replace else len(files) if len(files) not in names else len(files) - 1
    if files and not replace and (len(files) - 1) not in names:
        at = len(files) - 1
    if value:
        names[max(0, at)] = value


def _long_name(mapi: bytes) -> bytes:
    """PR_ATTACH_LONG_FILENAME out of a property block, found by its tag."""
    for kind, wide in ((0x1F, True), (0x1E, False)):
        tag = struct.pack("<HH", kind, LONG_NAME)
        at = mapi.find(tag)
        if at >= 0 and at + 12 <= len(mapi):
            length = struct.unpack_from("<I", mapi, at + 8)[0]
            raw = mapi[at + 12 : at + 12 + min(length, 1000)]
            return raw.decode("utf-16-le", "replace").rstrip("\0").encode() if wide else raw.rstrip(b"\0")
    return b""
