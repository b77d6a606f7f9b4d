"""The returned mail: its header, wherever the report put it, and the report's own words before it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..content.render import html_to_text
from ..inbound.threads import message_ids
from ..mime.charsets import decode
from ..mime.headers import Headers, read_block
from ..mime.structure import MESSAGE_TYPES, Part
from .wording import pattern

HEADER_TYPES = {"text/rfc822-headers", "message/rfc822-headers", "text/rfc822-header", "message/rfc822-header"}
START = pattern("returned_lines", r"^[>\s]{0,4}", re.MULTILINE)
FIELD_LINE = re.compile(
    r"^[>\s]{0,6}(message-id|to|cc|x-failed-recipients|subject)\s*:[ \t]*(.+(?:\n[>\s]*[ \t].+)*)",
    re.IGNORECASE | re.MULTILINE,
)
READABLE = {"text/plain", "text/html", "text/x-html", "text/enriched"}
MOST_TEXT = 60_000


class Report(NamedTuple):
    """Words of the report itself, and the header of the returned mail as far as it was found."""

    words: str
    original: Headers


def read_report(root: Part) -> Report:
    """Divide a returned mail into what the server says and what it returns. Never raises."""
    original = _attached(root)
    text = _text(root)
    match = START.search(text, 1)
    words = text[: match.start()] if match and len(text[: match.start()].strip()) > 20 else text
    if original is None:
        original = _written(text[len(words) :] or text)
    return Report(words, original)


def _attached(root: Part) -> Headers | None:
    for part in root.walk()[1:]:
        if part.type in MESSAGE_TYPES and part.children:
            return part.children[0].headers
        if part.type in HEADER_TYPES:
            data = part.decoded(text=True).data
            return read_block(data, 0, len(data), top=True).headers
    return None


def _text(root: Part) -> str:
    found: list[str] = []
    for part in _own_parts(root):
        if part.type in READABLE and not part.children:
            raw = part.decoded(text=True).data[:MOST_TEXT]
            text = decode(raw, part.type_field.params.get("charset")).text
            found.append(html_to_text(text) if "html" in part.type else text.replace("\r\n", "\n"))
    if not found and root.main == "multipart":
        found.append(decode(root.body()[:MOST_TEXT]).text.replace("\r\n", "\n"))
    return "\n\n".join(found)[:MOST_TEXT]


def _own_parts(part: Part) -> list[Part]:
    """Parts of the report, not those of the mail it returns."""
    if part.type in MESSAGE_TYPES:
        return []
    return [part, *(below for child in part.children for below in _own_parts(child))]


def _written(text: str) -> Headers:
    """Header lines of the returned mail, quoted in the report's text."""
    fields = [(match[1].lower(), " ".join(match[2].split()).encode()) for match in FIELD_LINE.finditer(text)]
    return Headers(fields)


def original_id(report: Report, headers: Headers) -> str:
    """The id of the mail that was returned, "" when the report does not tell."""
    for value in (
        report.original.text("message-id"),
        headers.text("x-original-message-id"),
        headers.text("original-message-id"),
        *(match[2] for match in FIELD_LINE.finditer(report.words) if match[1].lower() == "message-id"),
        headers.text("in-reply-to"),
        headers.text("references"),
    ):
        ids = message_ids(value)
        if ids:
            return ids[-1]
    return ""
