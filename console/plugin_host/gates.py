"""May this release of a plugin run here? API range, block list, declared dependencies. Metadata only."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from console.plugin_api.manifest import Manifest
from console.plugin_api.version import API_VERSION

BLOCKED: dict[str, tuple[tuple[str, str], ...]] = {}
"""slug -> ((releases as specifier, reason), …): releases known to do harm. Entries carry the reason and stay."""


def problems(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """(code, detail) of each gate that stays shut."""
    wanted = SpecifierSet(manifest.requires_api, prereleases=True)
    if API_VERSION not in wanted:
        yield "api_range", f"{manifest.requires_api}, {API_VERSION}"
    for releases, reason in BLOCKED.get(manifest.slug, ()):
        if manifest.version in SpecifierSet(releases, prereleases=True):
            yield "blocked", f"{releases}: {reason}"
    for line in manifest.requires:
        if detail := _missing(line):
            yield "dependency", detail


def _missing(line: str) -> str:
    """What is wrong with one declared dependency; "" when it is met or not meant for this machine."""
    try:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate():
            return ""
        present = metadata.version(requirement.name)
    except InvalidRequirement as error:
        return f"{line}: {error}"
    except metadata.PackageNotFoundError:
        return line
    if requirement.specifier.contains(present, prereleases=True):
        return ""
    return f"{line}, {present}"
