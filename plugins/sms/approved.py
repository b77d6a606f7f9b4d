"""Templates approved at the provider: `code | text` lines, and which of them a message is."""

from __future__ import annotations

from dataclasses import dataclass

from console.plugin_api.channels import OutboundMessage
from console.plugin_api.errors import PermanentFailure
from console.plugin_api.links import find_links
from console.plugin_api.segments import segments
from console.plugin_api.templates import chosen, places, side_by_side

from .wording import Wording, no_links

MOST = 50


@dataclass(frozen=True, slots=True)
class Approved:
    """One template."""

    code: str
    pattern: str


def read_templates(lines: str) -> tuple[Approved, ...]:
    """From `code | text` lines. Raises ValueError with the line that is none."""
    found = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        code, bar, pattern = (part.strip() for part in line.partition("|"))
        if not (bar and code and pattern) or side_by_side(pattern) or find_links(pattern):
            raise ValueError(line)
        if pattern in [one.pattern for one in found] or len(found) >= MOST:
            raise ValueError(line)
        found.append(Approved(code, pattern))
    return tuple(found)


def filled_in(
    message: OutboundMessage, templates: tuple[Approved, ...], wording: Wording
) -> tuple[Approved, dict[str, str]]:
    """The template a message is, with its values. Raises PermanentFailure."""
    text = message.text.strip()
    no_links(text)
    found = chosen([one.pattern for one in templates], text)
    if found is None:
        raise PermanentFailure("no_template", "The provider has approved no template for this text.")
    if segments(wording.signature + text, gsm=wording.gsm).count > wording.max_segments:
        raise PermanentFailure("too_long", "The text takes more parts than one message may have here.")
    return templates[found[0]], found[1]


def in_order(template: Approved, values: dict[str, str]) -> list[str]:
    """Values for numbered places: by number where they have one, else as they stand."""
    names = list(dict.fromkeys(places(template.pattern)))
    return [values[name] for name in (sorted(names, key=int) if all(name.isdigit() for name in names) else names)]
