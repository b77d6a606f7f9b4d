"""Trial starts of outside plugins in a subprocess, remembered by content hash.

An error in a plugin's `models.py` cannot be caught inside `django.setup()`, so it is met in a process of
its own first. The verdict lies under HUIYIN_HOME/run and holds until a file of the plugin, the interpreter
or our version of the contract changes; migrate, web, worker and listener read the same verdict.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from console.plugin_api.version import API_VERSION

TRIAL = "HUIYIN_PLUGIN_TRIAL"
SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"__pycache__", ".git", "node_modules"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a trial start ended."""

    ok: bool
    detail: str = ""


def trying() -> bool:
    """Whether this very process is a trial start."""
    return bool(os.environ.get(TRIAL))


def content_hash(folder: Path) -> str:
    """One digest over every file of the plugin, the interpreter and the contract version."""
    digest = hashlib.sha256(f"{sys.version}|{API_VERSION}".encode())
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not SKIPPED.intersection(relative.parts) and path.suffix != ".pyc":
            digest.update(f"\0{relative}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def verdict(slug: str, folder: Path, home: Path) -> Verdict:
    """The remembered verdict for this content, else a new trial start. Never raises for a bad plugin."""
    cache = home / "run" / "plugin_verdicts.json"
    fingerprint = content_hash(folder)
    known = _read(cache).get(slug)
    if known and known.get("hash") == fingerprint:
        return Verdict(bool(known.get("ok")), str(known.get("detail", "")))
    fresh = try_out(slug)
    _remember(cache, slug, {"hash": fingerprint, "ok": fresh.ok, "detail": fresh.detail})
    return fresh


def try_out(slug: str) -> Verdict:
    """Start Django with this plugin in a subprocess and admit it there."""
    environment = {**os.environ, TRIAL: slug, "HUIYIN_PLUGINS": slug, "HUIYIN_SAFE_MODE": ""}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    command = [sys.executable, "-m", "console.plugin_host.trial", slug]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(False, f"no end within {SECONDS} s")
    if done.returncode == 0:
        return Verdict(True)
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return Verdict(False, (said[-1] if said else f"exit code {done.returncode}")[:500])


def _read(cache: Path) -> dict[str, dict[str, object]]:
    try:
        content = json.loads(cache.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _remember(cache: Path, slug: str, entry: dict[str, object]) -> None:
    """Written whole and renamed; a home that cannot be written only costs another trial next time."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = cache.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({**_read(cache), slug: entry}, indent=1, ensure_ascii=False))
        draft.replace(cache)
    except OSError:
        return
