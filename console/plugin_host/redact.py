"""Takes secrets and personal numbers out of what a plugin says before anybody can read it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from console.foundation.text.masking import redact

HIDDEN = "[hidden]"
SHORTEST = 4
LONGEST_TEXT = 20_000
NAME = r"(?:[\w-]*(?:passw(?:or)?d|secret|token|api[_-]?key|apikey|credential|signature)[\w-]*|pwd|auth)"
PATTERNS = (
    re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|digest)?\s*)[^\s\"',;]+"),
    re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(rf"(?i)\b({NAME}[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&)}}]+"),
    re.compile(r"(?i)([a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"),
)
NAMES = re.compile(rf"(?i)\A(?:{NAME}|authorization|cookie)\Z")


def forms_of(secret: str) -> set[str]:
    """A secret as it may turn up in URLs, headers and reprs."""
    raw = secret.encode("utf-8", "surrogatepass")
    encoded = base64.b64encode(raw).decode()
    return {
        form
        for form in (
            secret,
            quote(secret, errors="replace"),
            quote_plus(secret, errors="replace"),
            encoded,
            encoded.rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
            repr(secret)[1:-1],
            raw.hex(),
        )
        if len(form) >= SHORTEST
    }


class Redactor:
    """Removes the known secrets of one instance, then whatever looks like one, then personal numbers."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in forms_of(secret)}
        ordered = sorted(forms, key=len, reverse=True)
        self.known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def secrets_only(self, text: str) -> str:
        """The text without the known secrets."""
        return self.known.sub(HIDDEN, text) if self.known else text

    def text(self, text: str, limit: int = LONGEST_TEXT) -> str:
        """The text as it may be stored and shown."""
        text = self.secrets_only(text)[:limit].replace("\x00", "")
        for pattern in PATTERNS:
            text = pattern.sub(rf"\g<1>{HIDDEN}", text)
        return redact(text.encode("utf-8", "replace").decode())

    def value(self, value: Any, depth: int = 6) -> Any:
        """A JSON-able copy: secrets out of texts, values of secret-sounding names out entirely."""
        if depth == 0:
            return "…"
        if isinstance(value, Mapping):
            return {
                self.text(str(name), 200): HIDDEN if NAMES.match(str(name)) else self.value(item, depth - 1)
                for name, item in list(value.items())[:200]
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(item, depth - 1) for item in list(value)[:200]]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value), 2000)
