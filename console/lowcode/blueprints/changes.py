"""The difference between what is configured and what a bundle says, in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from .registry import Section

ADD, CHANGE, REMOVE = "add", "change", "remove"
ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One difference. `item` is the key of the entry, `path` the place inside it ("" for the entry itself)."""

    section: str
    action: str
    item: str
    path: str = ""
    old: Any = None
    new: Any = None
    label: Any = ""

    def sentence(self, language: str | None = None) -> str:
        """The change as a sentence, in `language` or the active one."""
        if language:
            with translation.override(language):
                return self._words()
        return self._words()

    def __str__(self) -> str:
        return self._words()

    def _words(self) -> str:
        place = ".".join(part for part in (self.item, self.path) if part)
        words = {
            "section": str(self.label or self.section),
            "place": place,
            "old": short(self.old),
            "new": short(self.new),
        }
        if not place:
            return _("%(section)s: changed") % words
        if self.action == ADD and not self.path:
            return _("%(section)s: add %(place)s") % words
        if self.action == ADD:
            return _("%(section)s: in %(place)s add %(new)s") % words
        if self.action == REMOVE:
            return _("%(section)s: in %(place)s remove %(old)s") % words
        return _("%(section)s: change %(place)s from %(old)s to %(new)s") % words

    def to_json(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "action": self.action,
            "item": self.item,
            "path": self.path,
            "old": self.old,
            "new": self.new,
        }


def short(value: Any) -> str:
    """A value in at most 60 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def compare(section: Section, now: Any, wanted: Any) -> Iterator[Change]:
    """Every difference between a section's export and its data in a bundle. Entries only here are left alone."""
    now, wanted = plain(now), plain(wanted)
    if isinstance(wanted, list):
        standing = {_key(item, section.key): item for item in now or []}
        for item in wanted:
            key = _key(item, section.key)
            if key not in standing:
                yield Change(section.name, ADD, key, new=item, label=section.label)
            else:
                yield from _inside(section, key, "", standing[key], item)
    elif isinstance(wanted, Mapping):
        for key, value in wanted.items():
            yield from _inside(section, str(key), "", (now or {}).get(key, ABSENT), value)


def plain(value: Any) -> Any:
    """JSON data without tuples, lazy strings and dates."""
    return json.loads(json.dumps(value, default=str))


def _key(item: Any, name: str) -> str:
    return str(item.get(name, "")) if isinstance(item, Mapping) else str(item)


def _inside(section: Section, item: str, path: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if old is ABSENT:
        yield Change(section.name, ADD, item, path, None, new, section.label)
    elif new is ABSENT:
        yield Change(section.name, REMOVE, item, path, old, None, section.label)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*new, *(name for name in old if name not in new)]:
            yield from _inside(section, item, _join(path, name), old.get(name, ABSENT), new.get(name, ABSENT))
    elif _keyed(old) and _keyed(new):
        before, after = {entry["code"]: entry for entry in old}, {entry["code"]: entry for entry in new}
        yield from _inside(section, item, path, before, after)
    else:
        yield Change(section.name, CHANGE, item, path, old, new, section.label)


def _keyed(value: Any) -> bool:
    """A list of mappings with different codes: compared by code, not by place."""
    if not isinstance(value, list) or not value or not all(isinstance(v, Mapping) and "code" in v for v in value):
        return False
    return len({v["code"] for v in value}) == len(value)


def _join(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)
