"""What makes a run of digits a card, an identity number or a telephone number."""

import re

_CARD_START = re.compile(r"220[0-4]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[04-9]|[456]|9")
_MOBILE = re.compile(r"(?:0?0?86)?(1[3-9]\d{9})\Z")
_LANDLINE = re.compile(r"(?:010|02\d|0[3-9]\d\d)[2-8]\d{6,7}\Z")
_AREA = re.compile(r"(?:010|02\d|0[3-9]\d\d)\Z")
_BIRTH = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]\Z")
_OLD = re.compile(r"[1-9]\d{5}\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}\Z")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def digits_of(text: str) -> str:
    """The decimal digits of a text as 0–9, with a closing X (identity numbers) in upper case."""
    if text.isascii() and text.isdigit():
        return text
    out = [str(int(char)) for char in text if char.isdecimal()]
    return "".join(out) + ("X" if text[-1:] in "XxＸｘ" and text else "")


def luhn(digits: str) -> bool:
    """The check sum every payment card carries."""
    total = sum(int(char) for char in digits[-1::-2]) + sum(_DOUBLED[int(char)] for char in digits[-2::-2])
    return total % 10 == 0


def is_card(value: str, sizes: tuple[int, ...]) -> bool:
    """A card number written whole, in groups as cards are printed, or digit by digit."""
    return looks_like_card(value, sizes) and luhn(value)


def looks_like_card(value: str, sizes: tuple[int, ...]) -> bool:
    """As `is_card`, the check digit aside."""
    if not 13 <= len(value) <= 19 or not value.isdigit() or not _CARD_START.match(value):
        return False
    grouped = len(sizes) > 1
    if grouped and max(sizes) > 1 and (sizes[0] < 4 or min(sizes[:-1]) < 3):
        return False
    return value.strip(value[0]) != ""


def is_identity(value: str) -> bool:
    """A mainland resident identity number: area, birth date and check character agree."""
    if len(value) != 18 or not _BIRTH.match(value):
        return False
    total = sum(int(char) * weight for char, weight in zip(value, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == value[17]


def is_old_identity(value: str) -> bool:
    """An identity number of the first generation, fifteen digits without a check: only its birth date can be seen."""
    return bool(_OLD.match(value))


def is_mobile(value: str, sizes: tuple[int, ...]) -> bool:
    """A mainland mobile number, with or without 86, whole or as 3-4-4."""
    match = _MOBILE.match(value)
    if not match:
        return False
    return len(sizes) <= 2 or max(sizes) == 1 or (3 in sizes[:2] and min(sizes[1:]) >= 2)


def is_landline(value: str, sizes: tuple[int, ...]) -> bool:
    """A mainland landline with its area code, whole or after a gap."""
    if not _LANDLINE.match(value):
        return False
    if len(sizes) == 1:
        return True
    area = value[: sizes[0]]
    return bool(_AREA.match(area)) and len(sizes) <= 3 and min(sizes[1:]) >= 3
