"""Secrets that make themselves on first use. No Django here: settings read their own keys through it."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret_file(path: Path, make: Callable[[], str]) -> str:
    """Content of `path`, made with mode 0600 when missing. Processes may race: the first to finish wins.

    The draft is written whole before it gets its name, so nobody ever reads half a secret.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_secret(draft, make() + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def write_secret(path: Path, content: str) -> None:
    """Write a file only its owner can read, and wait until it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
