"""Encryption at rest, keyed hashes and signed values.

Keys come from `HUIYIN_KEYS` (comma-separated, newest first) or from HUIYIN_HOME/secrets/keys (one a line,
newest first, mode 0600, made on first use); never from SECRET_KEY. What is looked up by hash uses a second
secret, the hash root, so that rotating the encryption keys leaves every stored hash valid.
"""

import base64
import hashlib
import hmac
import os
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .secret_files import secret_file, write_secret

ROOT_PREFIX = "hash:"
ID_LENGTH = 8
LOOK_SECONDS = 5.0


class DecryptionFailed(Exception):
    """The token was changed, or its key is no longer held."""


class BadSignature(Exception):
    """The signed value was changed, has expired, or was made for another purpose."""


@dataclass(frozen=True)
class Keyring:
    """The keys of one moment: `current` encrypts, all of them decrypt."""

    fernets: dict[str, Fernet]
    current: str
    root: bytes


def key_id_of(key: str) -> str:
    return hashlib.sha256(b"huiyin key id " + key.encode()).hexdigest()[:ID_LENGTH]


def secrets_folder() -> Path:
    return Path(settings.HUIYIN_HOME) / "secrets"


def _entries() -> tuple[list[str], str]:
    """Encryption keys newest first, and the hash root given beside them ("" when it has its own file)."""
    given = settings.HUIYIN_KEYS
    if not given:
        secret_file(secrets_folder() / "keys", lambda: Fernet.generate_key().decode())
        given = ",".join((secrets_folder() / "keys").read_text().split())
    parts = [part.strip() for part in given.split(",") if part.strip()]
    roots = [part.removeprefix(ROOT_PREFIX) for part in parts if part.startswith(ROOT_PREFIX)]
    return [part for part in parts if not part.startswith(ROOT_PREFIX)], roots[0] if roots else ""


def _root(keys: list[str], given: str) -> bytes:
    """The hash root. Nodes that share HUIYIN_KEYS without naming one all derive it from the oldest key."""
    if given:
        return given.encode()
    seed = hashlib.sha256(b"huiyin hash root " + keys[-1].encode()).hexdigest()
    make = (lambda: seed) if settings.HUIYIN_KEYS else (lambda: os.urandom(32).hex())
    return secret_file(secrets_folder() / "hash_root", make).encode()


def _read_ring() -> Keyring:
    keys, root = _entries()
    if not keys:
        raise ImproperlyConfigured("HUIYIN_KEYS names no encryption key.")
    try:
        fernets = {key_id_of(key): Fernet(key) for key in keys}
    except ValueError as error:
        raise ImproperlyConfigured("HUIYIN_KEYS holds a key that is not 32 url-safe base64 bytes.") from error
    return Keyring(fernets, key_id_of(keys[0]), _root(keys, root))


class _Rings:
    """Keyrings by where they were read from, so that changed settings (tests) never meet an old ring.

    The key file is looked at every few seconds: after a rotation elsewhere this process soon uses the new key.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_source: dict[tuple[str, str], tuple[Keyring, int]] = {}
        self.look_again = 0.0

    def get(self) -> Keyring:
        source = (settings.HUIYIN_KEYS, str(settings.HUIYIN_HOME))
        kept = self.by_source.get(source)
        if kept is not None and time.monotonic() > self.look_again:
            self.look_again = time.monotonic() + LOOK_SECONDS
            if kept[1] != _changed_at():
                kept = None
        if kept is None:
            with self.lock:
                ring = _read_ring()
                kept = self.by_source[source] = (ring, _changed_at())
        return kept[0]

    def forget(self) -> None:
        with self.lock:
            self.by_source.clear()
        _purpose_key.cache_clear()


def _changed_at() -> int:
    path = secrets_folder() / "keys"
    return 0 if settings.HUIYIN_KEYS or not path.exists() else path.stat().st_mtime_ns


_rings = _Rings()


def reload_keys() -> None:
    """Read the keys anew at the next use: after one was added by this process."""
    _rings.forget()


def current_key_id() -> str:
    return _rings.get().current


def encrypt(data: bytes) -> bytes:
    """Encrypt under the newest key. The token is ASCII: key id, colon, Fernet token."""
    ring = _rings.get()
    return ring.current.encode() + b":" + ring.fernets[ring.current].encrypt(data)


def token_key_id(token: bytes) -> str:
    """Which key made this token; "" for something that is no token."""
    head, colon, _ = token[: ID_LENGTH + 1].partition(b":")
    return head.decode("ascii", "replace") if colon and len(head) == ID_LENGTH else ""


def decrypt(token: bytes) -> bytes:
    """The clear bytes of a token. Raises DecryptionFailed when it was changed or its key is gone."""
    key_id = token_key_id(token)
    fernet = _rings.get().fernets.get(key_id)
    if fernet is None:
        # Another process may have rotated since this one read its keys.
        _rings.forget()
        fernet = _rings.get().fernets.get(key_id)
    if fernet is None:
        raise DecryptionFailed(f"No key {key_id or 'at all'} is held for this value.")
    try:
        return fernet.decrypt(token[ID_LENGTH + 1 :])
    except InvalidToken as error:
        raise DecryptionFailed("The stored value was changed or cut.") from error


def rotate(token: bytes) -> bytes:
    """The same value under the newest key; the token itself when it already is."""
    return token if token_key_id(token) == current_key_id() else encrypt(decrypt(token))


def pack(token: bytes) -> bytes:
    """A token as compact bytes for binary columns: a quarter smaller than its text form."""
    return b"\x01" + bytes.fromhex(token[:ID_LENGTH].decode()) + base64.urlsafe_b64decode(token[ID_LENGTH + 1 :])


def unpack(packed: bytes) -> bytes:
    """The text form of `pack`ed bytes. Raises DecryptionFailed for bytes of another shape."""
    if packed[:1] != b"\x01" or len(packed) < 6:
        raise DecryptionFailed("The stored bytes are not an encrypted value.")
    return packed[1:5].hex().encode() + b":" + base64.urlsafe_b64encode(packed[5:])


def add_key() -> str:
    """Put a new key at the head of the key file and return its id. Refused when keys come from the environment."""
    if settings.HUIYIN_KEYS:
        raise ImproperlyConfigured("Keys come from HUIYIN_KEYS: put the new key first there, then rotate.")
    _rings.get()
    path = secrets_folder() / "keys"
    key = Fernet.generate_key().decode()
    draft = path.with_suffix(".new")
    write_secret(draft, key + "\n" + path.read_text())
    draft.replace(path)
    reload_keys()
    return key_id_of(key)


@lru_cache(maxsize=256)
def _purpose_key(root: bytes, purpose: str) -> bytes:
    return hmac.new(root, b"huiyin " + purpose.encode(), hashlib.sha256).digest()


def mac(purpose: str, data: bytes) -> bytes:
    """32 bytes that only a holder of the hash root can make; one key for each purpose."""
    return hmac.digest(_purpose_key(_rings.get().root, purpose), data, "sha256")


def keyed_hash(value: str, purpose: str) -> str:
    """Hex digest to look a secret value up by. The caller normalises first; rotation never changes it."""
    return mac("lookup " + purpose, value.encode("utf-8", "surrogatepass")).hex()


def sign(purpose: str, data: bytes, ttl: float | None = None) -> str:
    """URL-safe text holding `data` and its signature; `ttl` seconds until it expires."""
    expires = int(time.time() + ttl) if ttl is not None else 0
    body = expires.to_bytes(5, "big") + data
    return base64.urlsafe_b64encode(body + mac("sign " + purpose, body)[:16]).rstrip(b"=").decode()


def verify(purpose: str, token: str) -> bytes:
    """The data of a signed text. Raises BadSignature when changed, expired or made for another purpose."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError) as error:
        raise BadSignature("Not a signed value.") from error
    body, signature = raw[:-16], raw[-16:]
    if len(body) < 5 or not hmac.compare_digest(signature, mac("sign " + purpose, body)[:16]):
        raise BadSignature("The signature does not match.")
    expires = int.from_bytes(body[:5], "big")
    if expires and expires < time.time():
        raise BadSignature("The signed value has expired.")
    return body[5:]
