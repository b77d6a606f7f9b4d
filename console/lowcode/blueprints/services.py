"""Comparing, applying and exporting bundles."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from console.events import Actor, acting_as, emit

from ..models import BlueprintRelease
from .bundle import Bundle, BundleRefused, dump
from .changes import Change, compare, plain
from .registry import Problem, Section, sections


@dataclass(frozen=True)
class Applied:
    """What an application did. `release` is None after a dry run and when nothing was different."""

    changes: tuple[Change, ...]
    release: BlueprintRelease | None
    dry_run: bool


class _Undo(Exception):
    """Ends a dry run by rolling its transaction back."""


def _parts(bundle: Bundle) -> list[tuple[Section, Any]]:
    return [(section, bundle.sections[section.name]) for section in sections() if section.name in bundle.sections]


def check(bundle: Bundle) -> list[Problem]:
    """Everything wrong with a bundle, without applying anything."""
    known = {section.name for section in sections()}
    problems = [Problem(name, _("There is no such section here.")) for name in bundle.sections if name not in known]
    for section, data in _parts(bundle):
        problems += _shape(section, data) or [
            Problem(f"{section.name}.{item.place}".rstrip("."), item.text) for item in section.validate(data)
        ]
    return problems


def _shape(section: Section, data: Any) -> list[Problem]:
    """Faults no section need look for: wrong container, entries without or with the same key."""
    if isinstance(data, dict):
        return []
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        return [Problem(section.name, _("A section holds a list of entries, or names and values."))]
    keys = [item.get(section.key) for item in data]
    if not all(isinstance(key, str) and key for key in keys):
        return [Problem(section.name, _("Every entry needs %(key)s.") % {"key": section.key})]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return (
        [Problem(section.name, _("Named twice in one place: %(keys)s.") % {"keys": ", ".join(twice)})] if twice else []
    )


def diff(bundle: Bundle) -> list[Change]:
    """What applying the bundle would change, entry by entry. Raises BundleRefused when it is not valid."""
    problems = check(bundle)
    if problems:
        raise BundleRefused(problems)
    return _differences(bundle)


def _differences(bundle: Bundle) -> list[Change]:
    return [change for section, data in _parts(bundle) for change in compare(section, section.export(), data)]


def apply(bundle: Bundle, actor: Actor, *, reason: str = "", dry_run: bool = False) -> Applied:
    """Make the configuration what the bundle says: all of it or nothing.

    Applying again what already stands changes nothing and writes no release. A dry run really applies and then rolls
    back, so it finds what only the database can refuse. Raises BundleRefused.
    """
    changes = tuple(diff(bundle))
    if not changes:
        return Applied((), None, dry_run)
    if not dry_run and not reason.strip():
        raise BundleRefused([Problem("", _("Say why this blueprint is applied."))])
    release = None
    try:
        with transaction.atomic(), acting_as(actor):
            for section, data in _parts(bundle):
                _apply_section(section, data, actor, reason)
            release = _trial_ends() if dry_run else _record(bundle, changes, actor, reason)
    except _Undo:
        pass
    return Applied(changes, release, dry_run)


def _trial_ends() -> None:
    raise _Undo


def _apply_section(section: Section, data: Any, actor: Actor, reason: str) -> None:
    try:
        section.apply(data, actor, reason)
    except BundleRefused:
        raise
    except ValidationError as error:
        raise BundleRefused([Problem(section.name, text) for text in error.messages]) from error


def _record(bundle: Bundle, changes: Iterable[Change], actor: Actor, reason: str) -> BlueprintRelease:
    release = BlueprintRelease.objects.create(
        name=bundle.name,
        version=bundle.version,
        digest=bundle.digest(),
        bundle=dump(bundle),
        changes=[plain(change.to_json()) for change in changes],
        author=str(actor)[:150],
        reason=reason.strip()[:300],
    )
    data = {
        "release_id": release.pk,
        "name": release.name,
        "version": release.version,
        "digest": release.digest,
        "changes": len(release.changes),
    }
    emit("configuration", "blueprint.applied", data, actor=actor)
    return release


def export(name: str = "export", version: str = "", only: Iterable[str] = ()) -> Bundle:
    """What is configured now, as a bundle; `only` names the sections wanted. Raises BundleRefused for unknown names."""
    wanted = set(only)
    unknown = wanted - {section.name for section in sections()}
    if unknown:
        raise BundleRefused([Problem(item, _("There is no such section here.")) for item in sorted(unknown)])
    chosen = [section for section in sections() if not wanted or section.name in wanted]
    return Bundle(name, version, {}, {section.name: plain(section.export()) for section in chosen})
