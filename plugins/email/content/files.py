"""The files that came along, within limits of number and size."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from console.plugin_api.channels import InboundAttachment

from ..mime.structure import Budget, Part
from .names import safe_name

TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}\Z", re.ASCII)


@dataclass(slots=True)
class FileBox:
    """Collects attachments; what does not fit is noted and stays in the raw mail."""

    budget: Budget
    keep: bool = True
    files: list[InboundAttachment] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def names_only(self) -> FileBox:
        """A box for a mail inside the mail: the whole inner mail is a file already, so only names are kept."""
        return FileBox(self.budget, keep=False)

    def spend(self, size: int) -> bool:
        """Take `size` bytes from what may be decoded; False when nothing is left."""
        self.budget.decoded += size
        if self.budget.decoded <= self.budget.limits.decoded_bytes:
            return True
        self.budget.note("too_much_to_decode")
        return False

    def add(self, part: Part, *, inline: bool = False, name: str = "") -> None:
        """Keep a part as a file."""
        name = safe_name(name or part.filename, part.type, len(self.names) + 1)
        if not self.keep:
            self.names.append(name)
            return
        content = part.children[0].data if _is_unpacked(part) else _content(part)
        inline = inline or (part.disposition.value == "inline" and bool(part.content_id))
        self._store(name, part.type, content, part.content_id, inline)

    def put(self, name: str, content_type: str, content: bytes) -> None:
        """Keep bytes found inside another part as a file."""
        content_type = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._store(safe_name(name, content_type, len(self.names) + 1), content_type, content, "", False)

    def _store(self, name: str, content_type: str, content: bytes, content_id: str, inline: bool) -> None:
        self.names.append(name)
        limits = self.budget.limits
        if not self.keep:
            return
        if len(self.files) >= limits.attachments:
            self.budget.note("too_many_attachments")
        elif len(content) > limits.attachment_bytes:
            self.budget.note("attachment_too_large")
        elif self.spend(len(content)):
            kind = content_type if TYPE.match(content_type) else "application/octet-stream"
            self.files.append(
                InboundAttachment(name=name, content_type=kind, content=content, content_id=content_id, inline=inline)
            )


def _is_unpacked(part: Part) -> bool:
    """An inner mail that came in base64 lies decoded in a buffer of its own."""
    return bool(part.children) and part.children[0].data is not part.data


def _content(part: Part) -> bytes:
    return part.body() if part.children else part.decoded().data
