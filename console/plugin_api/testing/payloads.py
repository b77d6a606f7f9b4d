"""Recorded payloads: what a provider really sent, and what it must parse to.

Two shapes lie side by side in one folder:
- `name.json` with {"headers", "query", "body" or "body_base64", "expected": [...]}: a webhook call;
- any other file with `<file>.expected.json` beside it holding the list: raw bytes, such as a mail.

`expected` is compared part by part: only the keys that are written are compared, so a record stays short.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from console.plugin_api.messages import EnvelopeView

SUFFIX = ".expected.json"


@dataclass(frozen=True)
class Payload:
    """One recorded payload and its expected result."""

    name: str
    raw: bytes
    expected: list[Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def envelope(self, **changes: Any) -> EnvelopeView:
        """As the host hands it to `parse` and `verify`."""
        values = {"raw": self.raw, "headers": self.headers, "query": self.query, **changes}
        return EnvelopeView(**values)


def recorded(folder: Path | str | None) -> list[Payload]:
    """Every payload of a folder, by name. A file without an expected result is an error: it would test
    nothing.
    """
    if folder is None:
        return []
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file() and not path.name.startswith("."))
    return [_load(path) for path in files if not path.name.endswith(SUFFIX)]


def _load(path: Path) -> Payload:
    beside = path.with_name(path.name + SUFFIX)
    if beside.exists():
        return Payload(path.name, path.read_bytes(), json.loads(beside.read_text("utf-8")))
    if path.suffix != ".json":
        raise FileNotFoundError(f"{path} has no {beside.name} beside it.")
    record = json.loads(path.read_text("utf-8"))
    raw = base64.b64decode(record["body_base64"]) if "body_base64" in record else record["body"].encode("utf-8")
    return Payload(path.name, raw, record["expected"], record.get("headers", {}), record.get("query", {}))


def plain(value: Any) -> Any:
    """A parsed item as JSON would hold it, with its class under "type"; bytes as text where they are text."""
    if is_dataclass(value) and not isinstance(value, type):
        fields = {name: plain(getattr(value, name)) for name in asdict(value)}
        return {"type": type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Where `found` is not what was recorded; only what `expected` names is looked at."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return [
            line
            for name, item in expected.items()
            for line in differences(item, found.get(name, "(missing)"), f"{where}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{where}: {len(found)} items instead of {len(expected)}"]
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for i, (want, got) in pairs for line in differences(want, got, f"{where}[{i}]")]
    return [] if expected == found else [f"{where}: {found!r:.300} instead of {expected!r:.300}"]
