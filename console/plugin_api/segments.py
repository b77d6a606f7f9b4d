"""How many parts a text message is sent and billed in: 160 / 153 septets in GSM-7, 70 / 67 units in UCS-2.

Chinese gateways count every text as UCS-2; international ones use GSM-7 where the text allows (3GPP TS 23.038).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
WHOLE = {"gsm7": 160, "ucs2": 70}
PART = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """`alphabet` "gsm7" or "ucs2"; `units` used; `count` of parts (0 for no text); `room` left in the last part."""

    alphabet: str
    units: int
    count: int
    room: int


def segments(text: str, *, gsm: bool = False) -> Segments:
    """What sending this text takes. `gsm`: the gateway uses GSM-7 where it can."""
    alphabet = "gsm7" if gsm and all(char in _BASIC or char in _EXTENDED for char in text) else "ucs2"
    sizes = [_size(char, alphabet) for char in text]
    units = sum(sizes)
    if not units:
        return Segments(alphabet, 0, 0, WHOLE[alphabet])
    if units <= WHOLE[alphabet]:
        return Segments(alphabet, units, 1, WHOLE[alphabet] - units)
    count, used = _parted(sizes, PART[alphabet])
    return Segments(alphabet, units, count, PART[alphabet] - used)


def capacity(parts: int, *, gsm: bool = False) -> int:
    """The most units that fit into so many parts."""
    alphabet = "gsm7" if gsm else "ucs2"
    return WHOLE[alphabet] if parts == 1 else PART[alphabet] * parts


def _size(char: str, alphabet: str) -> int:
    """An escape pair in GSM-7 and a surrogate pair in UCS-2 are two."""
    return 2 if (char in _EXTENDED if alphabet == "gsm7" else ord(char) > 0xFFFF) else 1


def _parted(sizes: Iterable[int], most: int) -> tuple[int, int]:
    """Parts needed and units in the last one; a pair is never cut in two."""
    count, used = 1, 0
    for size in sizes:
        if used + size > most:
            count, used = count + 1, 0
        used += size
    return count, used
