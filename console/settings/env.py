"""Where the environment is read: one reader, one home folder, secrets made on first use."""

import os
import secrets
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
HOME = Path(env.str("HUIYIN_HOME", default=str(BASE_DIR / "var"))).resolve()


def secret_file(name: str, make) -> str:
    """Content of HOME/secrets/<name>, made with mode 0600 on first use. Two processes may race: the first wins."""
    path = HOME / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    value = make()
    with os.fdopen(handle, "w") as out:
        out.write(value + "\n")
    return value


def random_key() -> str:
    return secrets.token_urlsafe(48)
