"""Writing MIME by hand: few forms, always the same bytes, nothing a value could break out of."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

CONTROL = re.compile("[\x00-\x1f\x7f\u2028\u2029\x85]+")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_. -]{1,60}\Z")
LOOKS_ENCODED = re.compile(r"=\?")
WORD_BYTES = 45
FOLD_AT = 76


def one_line(text: str) -> str:
    """Text that can stand in a header: no control characters, so nothing can be injected."""
    return " ".join(CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).split())


def encoded(text: str) -> str:
    """Header text: as it is when plain, else as encoded words that never split a character."""
    if text.isascii() and not LOOKS_ENCODED.search(text) and all(len(word) < 200 for word in text.split(" ")):
        return text
    words: list[str] = []
    current = b""
    for char in text:
        data = char.encode()
        if len(current) + len(data) > WORD_BYTES:
            words.append(_word(current))
            current = b""
        current += data
    return " ".join([*words, _word(current)])


def _word(data: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(data).decode()}?="


def mailbox(name: str, address: str) -> str:
    """`name <address>`; the address was checked before."""
    name = one_line(name)[:100]
    if not name:
        return address
    if name.isascii() and not ATOMS.match(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return f"{encoded(name)} <{address}>"


def field(name: str, value: str) -> bytes:
    """One header field, folded at spaces."""
    lines: list[str] = []
    line = f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > FOLD_AT and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]).encode() + b"\r\n"


def text_part(text: str, subtype: str) -> bytes:
    """A text/… part, in plain letters when it can, else in base64."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removesuffix("\n") + "\n"
    data = text.encode("utf-8", "replace").replace(b"\n", b"\r\n")
    plain = data.isascii() and max(map(len, data.split(b"\r\n"))) < 900
    coding, body = ("7bit", data) if plain else ("base64", wrapped(data))
    head = field("Content-Type", f'text/{subtype}; charset="utf-8"') + field("Content-Transfer-Encoding", coding)
    return head + b"\r\n" + body


def wrapped(data: bytes) -> bytes:
    """base64 in lines."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def file_part(name: str, kind: str, content: bytes, content_id: str = "") -> bytes:
    """A file. Its name stands twice: by RFC 2231, and as an encoded word for clients that know only that."""
    shown = f'"{name}"' if PLAIN_TOKEN.match(name) else f'"{encoded(name)}"'
    saved = f'filename="{name}"' if PLAIN_TOKEN.match(name) else f"filename*=UTF-8''{quote(name, safe='')}"
    head = field("Content-Type", f"{kind}; name={shown}") + field("Content-Transfer-Encoding", "base64")
    head += field("Content-Disposition", f"{'inline' if content_id else 'attachment'}; {saved}")
    if content_id:
        head += field("Content-ID", f"<{content_id}>")
    return head + b"\r\n" + wrapped(content)


def multipart(subtype: str, boundary: str, parts: list[bytes]) -> bytes:
    """Parts under one head; a single part stands alone."""
    if len(parts) == 1:
        return parts[0]
    mark = f"--{boundary}\r\n".encode()
    body = b"".join(mark + part.removesuffix(b"\r\n") + b"\r\n" for part in parts)
    head = field("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')
    return head + b"\r\n" + body + f"--{boundary}--\r\n".encode()
