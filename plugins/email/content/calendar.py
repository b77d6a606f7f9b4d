"""A meeting invitation in one readable paragraph."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

FOLDED = re.compile(r"\r?\n[ \t]")
FIELDS = {
    "SUMMARY": _("Meeting: %(value)s"),
    "DTSTART": _("It starts: %(value)s"),
    "DTEND": _("It ends: %(value)s"),
    "LOCATION": _("Where: %(value)s"),
    "ORGANIZER": _("Organised by: %(value)s"),
    "DESCRIPTION": _("What about: %(value)s"),
}
MAILTO = re.compile(r"mailto:", re.IGNORECASE)
ESCAPED = {r"\n": "\n", r"\N": "\n", r"\,": ",", r"\;": ";", r"\\": "\\"}


def describe(ics: str) -> str:
    """What the invitation says, "" when nothing can be read from it."""
    lines: list[str] = []
    inside = False
    for line in FOLDED.sub("", ics[:100_000]).splitlines():
        name, _, value = line.partition(":")
        key = name.split(";")[0].strip().upper()
        if key == "BEGIN":
            inside = inside or value.strip().upper() in ("VEVENT", "VTODO")
        elif inside and key in FIELDS and value.strip():
            lines.append(
                str(FIELDS[key]) % {"value": _plain(value.strip().removeprefix("mailto:").removeprefix("MAILTO:"))}
            )
        elif key == "END" and inside and value.strip().upper() in ("VEVENT", "VTODO"):
            break
    return "\n".join(lines)


def _plain(value: str) -> str:
    for code, char in ESCAPED.items():
        value = value.replace(code, char)
    return MAILTO.sub("", value.strip())
