"""The words that leave: checked once more for links, signed, with a suffix where there is room for one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from console.plugin_api.channels import OutboundMessage, SendClass
from console.plugin_api.errors import PermanentFailure
from console.plugin_api.links import find_links
from console.plugin_api.segments import segments

# Whoever advertises must say how to stop it, in the same message.
MUST_SAY = SendClass.MARKETING


@dataclass(frozen=True, slots=True)
class Suffix:
    """Words put behind messages of one class, in one language or in every one."""

    send_class: str
    language: str
    text: str

    def fits(self, message: OutboundMessage) -> bool:
        return self.send_class == message.send_class and self.language in ("", message.language.lower())


@dataclass(frozen=True, slots=True)
class Wording:
    """How an account writes."""

    signature: str = ""
    suffixes: tuple[Suffix, ...] = ()
    max_segments: int = 4
    gsm: bool = False


def read_suffixes(lines: str) -> tuple[Suffix, ...]:
    """From `class | text` or `class:language | text`, one in each line. Raises ValueError with the line."""
    found = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        head, bar, text = line.partition("|")
        name, _colon, language = head.strip().lower().partition(":")
        if not (bar and text.strip() and name in list(SendClass)) or find_links(text):
            raise ValueError(line)
        found.append(Suffix(name, language.strip(), text.strip()))
    return tuple(found)


def worded(message: OutboundMessage, wording: Wording) -> str:
    """The whole text as the telephone shows it. Raises PermanentFailure for what may not leave."""
    text = message.text.strip()
    if not text:
        raise PermanentFailure("empty", "The message has no text.")
    suffix = chosen(wording.suffixes, message)
    whole = f"{wording.signature}{text}"
    if suffix and (message.send_class == MUST_SAY or _free(whole, whole + suffix, wording)):
        whole += suffix
    no_links(whole)
    if segments(whole, gsm=wording.gsm).count > wording.max_segments:
        raise PermanentFailure("too_long", "The text takes more parts than one message may have here.")
    return whole


def no_links(text: str) -> None:
    """The last line: whatever led here, a text message carries no link. Raises PermanentFailure."""
    if find_links(text):
        raise PermanentFailure("link", "A text message never carries a link.")


def chosen(suffixes: Iterable[Suffix], message: OutboundMessage) -> str:
    """The suffix of a message's class and language; among several the message's own key decides, so that what follows
    can be compared."""
    fitting = [one for one in suffixes if one.fits(message)]
    if not fitting:
        return ""
    return fitting[int(hashlib.sha256(message.key.encode()).hexdigest(), 16) % len(fitting)].text


def _free(short: str, long: str, wording: Wording) -> bool:
    """Kind words must not cost a part more."""
    return segments(long, gsm=wording.gsm).count == segments(short, gsm=wording.gsm).count
