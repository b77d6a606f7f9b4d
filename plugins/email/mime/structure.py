"""The tree of parts: found by slices of one buffer, bounded in depth, number and size.

Nothing is copied while the tree is built, so a 25 MB mail costs its own 25 MB and what is decoded of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from .headers import Headers, read_block
from .params import Field, read_field
from .transfer import Plain, undo

GUESSED_BOUNDARY = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?:Content-|MIME-)", re.MULTILINE | re.IGNORECASE)
MESSAGE_TYPES = frozenset({"message/rfc822", "message/global", "message/news", "message/rfc-822"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a mail is taken apart. What lies beyond stays in the raw mail and is said in a note."""

    depth: int = 12
    parts: int = 300
    attachments: int = 100
    attachment_bytes: int = 30 * 1024 * 1024
    decoded_bytes: int = 80 * 1024 * 1024
    text_chars: int = 400_000
    html_bytes: int = 1024 * 1024


@dataclass(slots=True)
class Budget:
    """What is left of the limits while one mail is read, and the notes made so far."""

    limits: Limits = field(default_factory=Limits)
    parts: int = 0
    decoded: int = 0
    notes: dict[str, None] = field(default_factory=dict)

    def note(self, *codes: str) -> None:
        """Remember short codes, each once, in order."""
        for code in codes:
            if code and len(self.notes) < 60:
                self.notes[code] = None


@dataclass(eq=False)
class Part:
    """One part: its fields and the place of its body in `data`."""

    data: bytes
    start: int
    end: int
    headers: Headers
    default_type: str = "text/plain"
    children: list[Part] = field(default_factory=list)

    @cached_property
    def type_field(self) -> Field:
        """The Content-Type with its parameters."""
        return read_field(self.headers.raw("content-type"))

    @cached_property
    def disposition(self) -> Field:
        """The Content-Disposition with its parameters."""
        return read_field(self.headers.raw("content-disposition"))

    @cached_property
    def type(self) -> str:
        """`main/sub`; a broken one counts as text, or as a file when the part has a name."""
        value = self.type_field.value
        if value.count("/") == 1 and all(value.split("/")):
            return value
        if value in ("text", "plain", "txt"):
            return "text/plain"
        if value in ("html", "htm"):
            return "text/html"
        if value.startswith("multipart") or (not value and self.type_field.params.get("boundary")):
            return "multipart/mixed"
        return "application/octet-stream" if value and self.filename else self.default_type

    @property
    def main(self) -> str:
        """The first half of the type."""
        return self.type.partition("/")[0]

    @cached_property
    def filename(self) -> str:
        """The name given to the part, "" without one."""
        return self.disposition.params.get("filename") or self.type_field.params.get("name") or ""

    @cached_property
    def content_id(self) -> str:
        """Content-ID without its brackets."""
        return self.headers.text("content-id").strip().strip("<>").strip()[:250]

    @property
    def encoding(self) -> bytes:
        """The transfer encoding as declared."""
        return self.headers.raw("content-transfer-encoding")

    @property
    def size(self) -> int:
        """Bytes of the body as it lies in the mail."""
        return self.end - self.start

    def body(self) -> bytes:
        """The body as it lies in the mail."""
        return self.data[self.start : self.end]

    def decoded(self, *, text: bool = False) -> Plain:
        """The body with its transfer encoding undone."""
        return undo(self.body(), self.encoding, text=text)

    def walk(self) -> list[Part]:
        """This part and all below it, in order."""
        return [self, *(below for child in self.children for below in child.walk())]


def read_tree(data: bytes, budget: Budget) -> Part:
    """The tree of a whole mail. Never raises; odd structure is noted in the budget."""
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    return _part(data, 0, len(data), budget, 0, "text/plain", top=True)


def _part(data: bytes, start: int, end: int, budget: Budget, depth: int, default: str, *, top: bool = False) -> Part:
    block = read_block(data, start, end, top=top)
    budget.note(*block.notes)
    budget.parts += 1
    part = Part(data, min(block.body_start, end), end, block.headers, default)
    if part.main == "multipart" or part.type in MESSAGE_TYPES:
        if depth >= budget.limits.depth:
            budget.note("nested_too_deep")
        elif part.main == "multipart":
            _split(part, budget, depth)
        else:
            _open_message(part, budget, depth)
    return part


def _open_message(part: Part, budget: Budget, depth: int) -> None:
    encoded = part.encoding.strip().lower() in (b"base64", b"quoted-printable")
    if not encoded:
        part.children.append(_part(part.data, part.start, part.end, budget, depth + 1, "text/plain", top=True))
        return
    data = part.decoded().data
    budget.decoded += len(data)
    if budget.decoded > budget.limits.decoded_bytes:
        budget.note("too_much_to_decode")
        return
    part.children.append(_part(data, 0, len(data), budget, depth + 1, "text/plain", top=True))


def _split(part: Part, budget: Budget, depth: int) -> None:
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    for start, end in _slices(part, budget):
        if budget.parts >= budget.limits.parts:
            budget.note("too_many_parts")
            return
        part.children.append(_part(part.data, start, end, budget, depth + 1, default))


def _slices(part: Part, budget: Budget) -> list[tuple[int, int]]:
    boundary = part.type_field.params.get("boundary", "").encode("utf-8", "replace").rstrip()
    found = _between(part, boundary, budget) if boundary else []
    if found:
        return found
    budget.note("boundary_wrong" if boundary else "boundary_missing")
    guess = GUESSED_BOUNDARY.search(part.data, part.start, min(part.end, part.start + 65536))
    return _between(part, guess[1], budget) if guess else []


def _between(part: Part, boundary: bytes, budget: Budget) -> list[tuple[int, int]]:
    """Places between delimiter lines. A missing last line is forgiven; `part.data` is never copied."""
    data, mark = part.data, b"--" + boundary
    slices: list[tuple[int, int]] = []
    opened = -1
    position = part.start
    while True:
        at = data.find(mark, position, part.end)
        if at < 0:
            break
        line_end = data.find(b"\n", at, part.end)
        line_end = part.end if line_end < 0 else line_end + 1
        tail = data[at + len(mark) : min(line_end, at + len(mark) + 80)].strip()
        position = max(line_end, at + 1)
        if (at > part.start and data[at - 1 : at] not in (b"\n", b"\r")) or tail not in (b"", b"--"):
            position = at + 2
            continue
        if opened >= 0:
            slices.append((opened, _before_line(data, opened, at)))
        opened = -1 if tail == b"--" else line_end
        if tail == b"--" or len(slices) > budget.limits.parts:
            break
    if opened >= 0 and opened < part.end:
        budget.note("multipart_not_closed")
        slices.append((opened, part.end))
    return slices


def _before_line(data: bytes, floor: int, at: int) -> int:
    if data[at - 1 : at] == b"\n":
        at -= 1
    if data[at - 1 : at] == b"\r":
        at -= 1
    return max(floor, at)
