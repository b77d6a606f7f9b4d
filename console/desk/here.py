"""Who else has a case open, and who is writing in it: a few seconds in the shared cache, never a row.

It rides on requests the page makes anyway (docs/adr/0003-live-updates.md). Two people who arrive at the same moment
may overwrite each other's line; the next look puts it back.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.utils.translation import gettext as _

SECONDS = 16  # three looks of a page in view
WRITING = {
    "reply": lambda name: _("%(name)s is writing a reply") % {"name": name},
    "note": lambda name: _("%(name)s is writing a note") % {"name": name},
}


@dataclass(frozen=True)
class Colleague:
    """Somebody else at the same case."""

    name: str
    writing: str = ""

    @property
    def text(self) -> str:
        said = WRITING.get(self.writing)
        return said(self.name) if said else _("%(name)s is here too") % {"name": self.name}


def look(case_id: int, user: Any, writing: str | None = None) -> list[Colleague]:
    """Say that this person looks at the case, and what they write (None: as said last); the others, writers first."""
    key, now = f"desk.here:{case_id}", time.time()
    found = caches["shared"].get(key) or {}
    others = {pk: one for pk, one in found.items() if now - one[2] < SECONDS and pk != user.pk}
    if writing is None:
        writing = found[user.pk][1] if user.pk in found else ""
    caches["shared"].set(key, {**others, user.pk: (user.label, writing if writing in WRITING else "", now)}, SECONDS)
    people = [Colleague(name, what) for name, what, _at in others.values()]
    return sorted(people, key=lambda one: (not one.writing, one.name))
