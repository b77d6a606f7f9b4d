"""WeChat's signatures and its safe mode: SHA-1 over sorted parts, AES-256-CBC with padding to 32 bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16
KEY_LENGTH = 43


class NotOurs(Exception):
    """What came cannot be opened: another key, another account, or not what it says. `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def signature(*parts: str) -> str:
    """SHA-1 over the parts in alphabetical order, as WeChat signs everything."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 - the protocol's


def signed(given: str, *parts: str) -> bool:
    """Whether a signature is the one of these parts, compared in constant time."""
    return hmac.compare_digest(signature(*parts).encode(), given.lower().encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Safe:
    """The safe mode of one account: its EncodingAESKey and appid."""

    key: bytes
    appid: str

    @classmethod
    def of(cls, encoding_key: str, appid: str) -> Safe:
        """From the 43 characters of the console. Raises NotOurs."""
        try:
            key = base64.b64decode(f"{encoding_key}=", validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotOurs("bad_key") from error
        if len(encoding_key) != KEY_LENGTH or len(key) != BLOCK:
            raise NotOurs("bad_key")
        return cls(key, appid)

    def open(self, encrypted: str) -> bytes:
        """The XML inside `Encrypt`. Raises NotOurs for another key, a changed text or another appid."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotOurs("not_base64") from error
        if not sealed or len(sealed) % 16:
            raise NotOurs("wrong_length")
        decryptor = self._cipher().decryptor()
        return self._inside(_unpadded(decryptor.update(sealed) + decryptor.finalize()))

    def seal(self, xml: bytes, random: bytes | None = None) -> str:
        """The text for `Encrypt`."""
        head = (random or os.urandom(RANDOM)) + struct.pack(">I", len(xml))
        text = head + xml + self.appid.encode()
        more = BLOCK - len(text) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(text + bytes([more]) * more) + encryptor.finalize()).decode()

    def _inside(self, text: bytes) -> bytes:
        if len(text) < RANDOM + 4:
            raise NotOurs("too_short")
        (length,) = struct.unpack(">I", text[RANDOM : RANDOM + 4])
        xml, receiver = text[RANDOM + 4 : RANDOM + 4 + length], text[RANDOM + 4 + length :]
        if len(xml) != length:
            raise NotOurs("wrong_length")
        if not hmac.compare_digest(receiver, self.appid.encode()):
            raise NotOurs("wrong_appid")
        return xml

    def _cipher(self) -> Cipher:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))


def _unpadded(text: bytes) -> bytes:
    """PKCS#7 to 32 bytes; every byte of the padding is looked at."""
    more = text[-1]
    if not 1 <= more <= BLOCK or text[-more:] != bytes([more]) * more:
        raise NotOurs("wrong_key")
    return text[:-more]
