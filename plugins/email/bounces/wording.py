"""The words of `wording.toml` as patterns."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ADDRESS = r"(?<![\w.+@-])[\w.!#$%&'*+/?^`{|}~-]{1,64}@[A-Za-z0-9\u0080-\uffff](?:[\w-]|\.(?=[\w-])){0,250}"
_TABLE: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("wording.toml").read_text("utf-8"))


def pattern(name: str, before: str = "", flags: int = 0) -> re.Pattern[str]:
    """All phrases under a name in one pattern, behind `before`."""
    return re.compile(f"{before}(?:{'|'.join(_TABLE[name])})", re.IGNORECASE | flags)


def address_patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Each phrase under a name by itself, the address as its group."""
    phrases = (phrase.replace("@@", f"<?({ADDRESS})>?") for phrase in _TABLE[name])
    return tuple(re.compile(phrase, re.IGNORECASE | re.MULTILINE) for phrase in phrases)
