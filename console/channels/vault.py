"""Encrypted files outside the web root: attachments, and envelopes too big for a row.

A file is a sequence of encrypted chunks, each bound to its place, so it can be written and read as a stream of
bounded memory, and a cut or reordered file is noticed. Files are written whole, synced, then renamed.
"""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from console.foundation import crypto
from console.foundation.ids import uuid7

CHUNK = 256 * 1024
_LENGTH = 4
_PLACE = 9
LAST, MORE = b"\x01", b"\x00"


class VaultError(Exception):
    """The file is missing, cut or changed."""


def root() -> Path:
    return Path(settings.VAULT_ROOT)


def write(chunks: Iterable[bytes] | bytes) -> str:
    """Store bytes and return the name to read them by. Raises OSError when the disk refuses."""
    name = _new_name()
    path = root() / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            for sealed in _seal([chunks] if isinstance(chunks, bytes | bytearray) else chunks):
                out.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return name


def read(name: str) -> Iterator[bytes]:
    """The bytes of a stored file, chunk by chunk. Raises VaultError."""
    place, last = 0, False
    with _open(name) as source:
        while head := source.read(_LENGTH):
            body = _unseal(source.read(int.from_bytes(head, "big")))
            if last or int.from_bytes(body[: _PLACE - 1], "big") != place:
                raise VaultError(f"{name}: chunks are out of order.")
            last = body[_PLACE - 1 : _PLACE] == LAST
            place += 1
            yield body[_PLACE:]
    if not last:
        raise VaultError(f"{name}: the end is missing.")


def read_all(name: str) -> bytes:
    return b"".join(read(name))


def delete(name: str) -> None:
    """Forget a file; one that is gone already is fine."""
    if name:
        _path(name).unlink(missing_ok=True)


def _new_name() -> str:
    token = uuid7().hex
    return f"{token[-2:]}/{token}"


def _path(name: str) -> Path:
    path = (root() / name).resolve()
    if not path.is_relative_to(root().resolve()):
        raise VaultError("That name leads out of the vault.")
    return path


def _open(name: str):
    try:
        return _path(name).open("rb")
    except OSError as error:
        raise VaultError(f"{name}: cannot be opened.") from error


def _seal(pieces: Iterable[bytes]) -> Iterator[bytes]:
    place, held = 0, b""
    for piece in pieces:
        held += piece
        while len(held) > CHUNK:
            yield _sealed(place, MORE, held[:CHUNK])
            place, held = place + 1, held[CHUNK:]
    yield _sealed(place, LAST, held)


def _sealed(place: int, mark: bytes, data: bytes) -> bytes:
    return crypto.pack(crypto.encrypt(place.to_bytes(_PLACE - 1, "big") + mark + data))


def _unseal(data: bytes) -> bytes:
    try:
        return crypto.decrypt(crypto.unpack(data))
    except crypto.DecryptionFailed as error:
        raise VaultError("A chunk was changed or its key is gone.") from error


def names(older_than: float) -> Iterator[str]:
    """Names of stored files that have not been touched for so many seconds; half-written ones are removed."""
    before = time.time() - older_than
    for path in root().glob("*/*"):
        if path.stat().st_mtime > before:
            continue
        if path.suffix == ".part":
            path.unlink(missing_ok=True)
        else:
            yield f"{path.parent.name}/{path.name}"
