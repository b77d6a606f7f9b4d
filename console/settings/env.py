"""Where the environment is read: one reader, one home folder, secrets made on first use."""

import os
import secrets
import tempfile
from pathlib import Path

import environ

from console.foundation import secret_files

if os.environ.get("DJANGO_SETTINGS_MODULE") == "console.settings.test":
    # Here and not in test.py: importing that module runs this package, and so this reader, first.
    os.environ.setdefault("HUIYIN_HOME", tempfile.mkdtemp(prefix="huiyin-test-"))
    os.environ.setdefault("HUIYIN_HTTPS", "0")

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
HOME = Path(env.str("HUIYIN_HOME", default=str(BASE_DIR / "var"))).resolve()


def secret_file(name: str, make) -> str:
    """Content of HOME/secrets/<name>, made with mode 0600 on first use."""
    return secret_files.secret_file(HOME / "secrets" / name, make)


def random_key() -> str:
    return secrets.token_urlsafe(48)
