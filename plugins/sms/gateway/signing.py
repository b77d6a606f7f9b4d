"""Signatures described by fields: what is signed, how, and how it is written."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

DIGESTS = ("md5", "sha1", "sha256")
MACS = {"hmac_sha1": "sha1", "hmac_sha256": "sha256"}


@dataclass(frozen=True, slots=True)
class Signing:
    """`kind` "none", a digest of a text that holds the secret, or a HMAC keyed with it."""

    kind: str = "none"
    over: str = ""
    written: str = "hex"

    @property
    def over_body(self) -> bool:
        """Whether the signature covers the finished body, so that it can only stand outside of it."""
        return "{body}" in self.over

    def sign(self, text: str, secret: str) -> str:
        """The signature of a text; empty without one."""
        if self.kind in MACS:
            raw = hmac.new(secret.encode(), text.encode(), MACS[self.kind]).digest()
        elif self.kind in DIGESTS:
            raw = hashlib.new(self.kind, text.encode(), usedforsecurity=False).digest()
        else:
            return ""
        if self.written == "base64":
            return base64.b64encode(raw).decode()
        return raw.hex().upper() if self.written == "upper" else raw.hex()
