"""File names as they may be shown and stored."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

FORBIDDEN = re.compile('[\x00-\x1f\x7f-\x9f\\\\/:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+')
LONGEST = 120


def safe_name(name: str, content_type: str, number: int) -> str:
    """A name without path, control or direction-changing characters, short, never empty."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = FORBIDDEN.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" ._")
    if not name:
        return f"attachment-{number}{mimetypes.guess_extension(content_type) or '.bin'}"
    if len(name) > LONGEST:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[: LONGEST - 12]}{dot}{extension[:10]}" if dot else name[:LONGEST]
    return name
