"""Which plugins are there, and which may run. Callable from settings: needs no Django set up and no database.

Three sources: bundled `plugins/*`, the operator's `plugins/local/*`, and distributions with an entry point
in the group `huiyin.plugins`. Only metadata is read. What HUIYIN_PLUGINS does not name is listed and left
alone; with nothing set, the bundled ones are allowed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

from console.plugin_api.manifest import ENTRY_POINT_GROUP, MANIFEST_NAME, Manifest

from . import gates, verdicts
from .manifest import ManifestError, read
from .problems import Problem

ROOT = Path(__file__).resolve().parents[2]
BUNDLED, LOCAL, INSTALLED = "bundled", "local", "installed"
TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Found:
    """One plugin as found on disk. It runs only if there are no `problems`."""

    slug: str
    origin: str
    module: str
    folder: Path
    manifest: Manifest | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def runs(self) -> bool:
        return self.manifest is not None and not self.problems

    @property
    def allowed(self) -> bool:
        return not any(problem.code in {"not_allowed", "safe_mode"} for problem in self.problems)

    def but(self, code: str, detail: str = "") -> Found:
        return replace(self, problems=(*self.problems, Problem(self.slug, code, detail)))


@dataclass(frozen=True)
class Policy:
    """What the operator decided, from the environment; `allow` None means "the bundled ones"."""

    allow: frozenset[str] | None = None
    safe_mode: bool = False
    home: Path = field(default_factory=lambda: ROOT / "var")
    folders: tuple[tuple[Path, str, str], ...] = (
        (ROOT / "plugins", "plugins", BUNDLED),
        (ROOT / "plugins" / "local", "plugins.local", LOCAL),
    )
    """Where to look beside the entry points: folder, the package it is, origin."""

    @classmethod
    def from_environment(cls) -> Policy:
        named = [part.strip() for part in os.environ.get("HUIYIN_PLUGINS", "").split(",") if part.strip()]
        return cls(
            allow=frozenset(named) if named else None,
            safe_mode=os.environ.get("HUIYIN_SAFE_MODE", "").lower() in TRUE,
            home=Path(os.environ.get("HUIYIN_HOME") or ROOT / "var"),
        )

    def allows(self, found: Found) -> bool:
        if self.allow is None:
            return found.origin == BUNDLED
        return found.slug in self.allow or ("bundled" in self.allow and found.origin == BUNDLED)


def discover(policy: Policy | None = None, *, judge: bool = True) -> list[Found]:
    """Every plugin found, by slug, with what keeps it from running. `judge` runs trial starts not yet cached."""
    policy = policy or Policy.from_environment()
    plugins = _without_clashes(_gated(found, policy) for found in _candidates(policy))
    if judge:
        plugins = [_judged(found, policy) for found in plugins]
    known = {found.slug for found in plugins} | {"bundled"}
    missing = sorted((policy.allow or frozenset()) - known)
    plugins += [Found(slug, "", "", ROOT).but("not_found") for slug in missing]
    return sorted(plugins, key=lambda found: (found.slug, found.origin))


def installed_apps(policy: Policy | None = None) -> list[str]:
    """App configs of the plugins that run, for INSTALLED_APPS; enabled or not, so that tables stay stable."""
    return [found.manifest.app for found in discover(policy) if found.runs and found.manifest.app]


def preflight_all(policy: Policy | None = None) -> list[Problem]:
    """Called by `up` before migrating: try each outside plugin once per content; the problems worth a
    warning.
    """
    quiet = {"not_allowed", "safe_mode"}
    return [problem for found in discover(policy) for problem in found.problems if problem.code not in quiet]


# finding


def _candidates(policy: Policy) -> Iterator[Found]:
    for folder, package, origin in policy.folders:
        yield from _folders(folder, package, origin)
    yield from _entry_points()


def _folders(base: Path, package: str, origin: str) -> Iterator[Found]:
    if not base.is_dir():
        return
    for folder in sorted(base.iterdir()):
        if (folder / MANIFEST_NAME).is_file():
            yield _read(folder.name, origin, f"{package}.{folder.name}", folder)


def _entry_points() -> Iterator[Found]:
    """Our own loop: one distribution with broken metadata must not hide the others."""
    for entry in metadata.entry_points(group=ENTRY_POINT_GROUP):
        module = entry.value.partition(":")[0].strip()
        folder = _folder_of(module)
        if folder is None:
            yield Found(entry.name, INSTALLED, module, Path()).but("manifest_missing", f"no package {module}")
        else:
            yield _read(entry.name, INSTALLED, module, folder)


def _folder_of(module: str) -> Path | None:
    """Where a dotted package lives, without importing it or its parents."""
    search: list[str] | None = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        try:
            spec = PathFinder.find_spec(name, search)
        except (ImportError, ValueError):
            return None
        if spec is None or spec.submodule_search_locations is None:
            return None
        search = list(spec.submodule_search_locations)
    return Path(search[0]) if search else None


def _read(name: str, origin: str, module: str, folder: Path) -> Found:
    found = Found(name, origin, module, folder)
    try:
        manifest = read(folder, module)
    except ManifestError as error:
        return found.but(error.code, error.detail)
    if manifest.slug != name:
        return found.but("manifest_invalid", f"slug is {manifest.slug!r}, but it is found as {name!r}")
    return replace(found, manifest=manifest)


# deciding


def _gated(found: Found, policy: Policy) -> Found:
    if policy.safe_mode and found.origin != BUNDLED:
        return found.but("safe_mode")
    if not policy.allows(found):
        return found.but("not_allowed")
    if found.manifest is None:
        return found
    for code, detail in gates.problems(found.manifest):
        found = found.but(code, detail)
    return found


def _without_clashes(plugins: Iterable[Found]) -> list[Found]:
    """Both sides of a clash are refused: nobody can know which one the operator meant."""
    plugins = list(plugins)
    count = Counter(found.slug for found in plugins)
    return [
        found.but("slug_clash", f"{found.origin}: {found.folder}") if count[found.slug] > 1 else found
        for found in plugins
    ]


def _judged(found: Found, policy: Policy) -> Found:
    if not found.runs or found.origin == BUNDLED or verdicts.trying():
        return found
    verdict = verdicts.verdict(found.slug, found.folder, policy.home)
    return found if verdict.ok else found.but("preflight", verdict.detail)
