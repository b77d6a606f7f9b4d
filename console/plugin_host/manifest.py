"""Reads and checks `plugin.toml`. Nothing of the plugin is imported."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from console.plugin_api.manifest import DEFAULT_BUDGET, KINDS, MANIFEST_NAME, MAX_BUDGET, Manifest

SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
EVENT_GLOB = re.compile(r"[a-z][a-z0-9_.]*(\.\*)?\Z")
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
LANGUAGES = ("en", "zh-hans")
KNOWN = {
    "slug", "name", "version", "requires_api", "module", "kinds", "events", "summary", "author", "licence", "app",
    "requires", "budget_seconds", "homepage",
}  # fmt: skip
MAX_BYTES = 64 * 1024


class ManifestError(Exception):
    """The manifest cannot be used; `code` names a sentence of problems.SENTENCES."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read(folder: Path, module: str) -> Manifest:
    """The manifest of the plugin whose package `module` lives in `folder`. Raises ManifestError."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise ManifestError("manifest_missing", str(path))
    try:
        raw = path.read_bytes()[: MAX_BYTES + 1]
        if len(raw) > MAX_BYTES:
            raise ManifestError("manifest_broken", f"{path}: larger than {MAX_BYTES} bytes")
        content = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ManifestError("manifest_broken", f"{path}: {error}") from error
    table = content.get("plugin")
    if not isinstance(table, dict):
        raise ManifestError("manifest_invalid", f"{path}: no [plugin] table")
    return from_table(table, module)


def from_table(table: dict[str, Any], module: str) -> Manifest:
    """Check a `[plugin]` table and give it as a Manifest. Raises ManifestError for the first fault."""
    if unknown := sorted(set(table) - KNOWN):
        raise ManifestError("manifest_invalid", f"unknown entries: {', '.join(unknown)}")
    slug = _matching(table, "slug", SLUG)
    if (given := table.get("module", module)) != module:
        raise ManifestError("manifest_invalid", f"module is {given!r}, but the package found is {module!r}")
    return Manifest(
        slug=slug,
        name=_both_languages(table, "name"),
        version=_version(table),
        requires_api=_specifier(table),
        module=module,
        kinds=_kinds(table),
        events=_events(table),
        summary=_both_languages(table, "summary") if "summary" in table else {},
        author=_text(table, "author", ""),
        licence=_text(table, "licence", ""),
        app=_app(table, module),
        requires=_texts(table, "requires"),
        budget_seconds=_budget(table),
    )


def _text(table: dict[str, Any], name: str, default: str | None = None) -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ManifestError("manifest_invalid", f"{name} must be a text")
    return value


def _texts(table: dict[str, Any], name: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ManifestError("manifest_invalid", f"{name} must be a list of texts")
    return tuple(value)


def _matching(table: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = _text(table, name)
    if not pattern.match(value):
        raise ManifestError("manifest_invalid", f"{name} {value!r} is not well formed")
    return value


def _both_languages(table: dict[str, Any], name: str) -> dict[str, str]:
    value = table.get(name)
    if not isinstance(value, dict) or not all(isinstance(value.get(code), str) and value[code] for code in LANGUAGES):
        raise ManifestError("manifest_invalid", f'{name} needs a text for "en" and for "zh-hans"')
    return {code: value[code] for code in LANGUAGES}


def _version(table: dict[str, Any]) -> str:
    try:
        return str(Version(_text(table, "version")))
    except InvalidVersion as error:
        raise ManifestError("manifest_invalid", str(error)) from error


def _specifier(table: dict[str, Any]) -> str:
    value = _text(table, "requires_api")
    try:
        SpecifierSet(value)
    except InvalidSpecifier as error:
        raise ManifestError("manifest_invalid", f"requires_api: {error}") from error
    return value


def _kinds(table: dict[str, Any]) -> tuple[str, ...]:
    kinds = _texts(table, "kinds")
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise ManifestError("manifest_invalid", f"unknown kinds: {', '.join(unknown)}")
    return kinds


def _events(table: dict[str, Any]) -> tuple[str, ...]:
    events = _texts(table, "events")
    if wrong := [glob for glob in events if not EVENT_GLOB.match(glob)]:
        raise ManifestError("manifest_invalid", f"events: {wrong[0]!r} is no type of event")
    if bool(events) != ("event_handler" in table.get("kinds", [])):
        raise ManifestError("manifest_invalid", 'events belong to the kind "event_handler", and it to them')
    return events


def _app(table: dict[str, Any], module: str) -> str:
    app = _text(table, "app", "")
    if app and not (DOTTED.match(app) and app.startswith(f"{module}.")):
        raise ManifestError("manifest_invalid", f"app must lie inside {module}")
    return app


def _budget(table: dict[str, Any]) -> float:
    value = table.get("budget_seconds", DEFAULT_BUDGET)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_BUDGET:
        raise ManifestError("manifest_invalid", f"budget_seconds must lie between 0 and {MAX_BUDGET:g}")
    return float(value)
