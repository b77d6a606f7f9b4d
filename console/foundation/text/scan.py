"""Finding what must not be read: card numbers, security codes, one-time codes, identity and phone numbers.

One pass over labelled codes, one over runs of digits. A run is split into its groups, and a number must begin
and end at a group's edge, so a long order number holds no card by chance. A case number such as HY-2026-004217
stays readable because no card begins with a year.
`\\d` means every decimal digit of Unicode: full-width numbers are found where they stand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .numbers import (
    digits_of,
    is_card,
    is_identity,
    is_landline,
    is_mobile,
    is_old_identity,
    looks_like_card,
    luhn,  # noqa: F401
)

_GAP = "[ \\t\\n\\-/_‐-―－.·()（）\u00a0\u2000-\u200d\u2060\u3000\ufeff]"
_RUN = re.compile(rf"\d(?:{_GAP}{{0,3}}\d){{6,}}(?:{_GAP}?[XxＸｘ](?![A-Za-z0-9]))?")
_GROUP = re.compile(r"\d+")
# The words that announce a code. A text with none of these strings in it is not searched further.
_HINTS = ("码", "口令", "三位", "cv", "otp", "pin", "pass", "code")
_WORD = re.compile(
    r"(?P<cvv>cvv2?|cvc2?|cvn2?|安全码|(?:末|后)三位(?:数字?)?)"
    r"|(?:(?:验证|校验|动态|短信|确认|激活|授权)码|动态密码|口令|密码"
    r"|(?<![a-z0-9])(?:otp|pin)(?![a-z0-9])(?! code)|passcode|password"
    r"|(?<![a-z0-9])(?:pin|verification|security|confirmation|activation|authori[sz]ation|one[- ]time)"
    r" (?:code|password|pin))"
)
_LINK = r"(?:\s|[:：=是为“”\"'「」（(\[【，,]|is|was|number|码|号){0,8}"
_DIGITS = r"(?P<digits>\d(?:[ \-]?\d){%s}(?![ \-]?\d))"
_CVV = re.compile(_LINK + _DIGITS % "2,3")
_CODE = re.compile(_LINK + _DIGITS % "3,7")
_BEFORE = re.compile(r"(?<!\d)(?P<digits>\d{4,8})\s?(?:是|为|is)?\s?(?:您的|你的|your|the)?\s?[^\d\s]{0,8}\s?\Z")
# A number that somebody calls a card or an account number is one, whatever its check digit says: people mistype.
_CARD_WORD = re.compile(
    r"(?:卡号|账号|帐号|卡片号码?|card (?:no\.?|number)|account (?:no\.?|number))[\s:：是为=]{0,4}\Z"
)
_PAPERS = ("护照", "通行证", "台胞证", "回乡证", "passport")
_PAPER = re.compile(
    rf"(?:{'|'.join(_PAPERS)})(?:号码?|\s?no\.?|\s?number)?(?:[\s:：是为=]|is){{0,4}}(?P<value>[a-z]{{1,2}}\d{{7,9}})(?!\d)"
)
_IDENTITY_WORD = re.compile(r"(?:身份证|证件)[^\d]{0,8}\Z")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,24}")
_ANY_DIGITS = re.compile(r"\d\D{0,3}\d\D{0,3}\d")


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret in a text: its kind, where it stands, and its digits alone."""

    kind: str
    start: int
    end: int
    value: str


def scan(text: str, *, emails: bool = False) -> list[Finding]:
    """Every secret in the text, in order, none overlapping. `emails` also reports mail addresses (for logs)."""
    found: list[Finding] = []
    if emails and "@" in text:
        found += [Finding("email", m.start(), m.end(), m[0]) for m in _EMAIL.finditer(text)]
    if _ANY_DIGITS.search(text):
        found += _codes(text)
        found += _papers(text)
        found += _runs(text)
    if len(found) < 2:
        return found
    found.sort(key=lambda finding: (finding.start, -finding.end))
    kept: list[Finding] = []
    for finding in found:
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def _codes(text: str) -> Iterator[Finding]:
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    if not any(hint in lowered for hint in _HINTS):
        return
    for word in _WORD.finditer(lowered):
        kind = "cvv" if word["cvv"] else "code"
        found = (_CVV if word["cvv"] else _CODE).match(lowered, word.end())
        if found is None and kind == "code":
            start = max(0, word.start() - 32)
            found = _BEFORE.search(lowered[start : word.start()])
            if found:
                yield Finding(
                    kind, start + found.start("digits"), start + found.end("digits"), digits_of(found["digits"])
                )
        elif found:
            yield Finding(kind, found.start("digits"), found.end("digits"), digits_of(found["digits"]))


def _papers(text: str) -> Iterator[Finding]:
    """Passports and permits: a letter or two and digits, known by their name alone."""
    lowered = text.lower()
    if len(lowered) == len(text) and any(word in lowered for word in _PAPERS):
        for found in _PAPER.finditer(lowered):
            yield Finding("identity", found.start("value"), found.end("value"), found["value"].upper())


def _runs(text: str) -> Iterator[Finding]:
    for match in _RUN.finditer(text):
        yield from _in_run(text, match)


def _in_run(text: str, match: re.Match) -> Iterator[Finding]:
    start, run = match.start(), match[0]
    groups = [(start + g.start(), start + g.end()) for g in _GROUP.finditer(run)]
    if not run[-1].isdecimal():
        groups[-1] = (groups[-1][0], match.end())
    if start and text[start - 1] in "+＋" and (found := _international(text, groups)):
        yield found
        return
    index = 0
    while index < len(groups):
        found, width = _number_at(text, groups, index)
        if found:
            yield found
        index += width


def _international(text: str, groups: list[tuple[int, int]]) -> Finding | None:
    value = digits_of(text[groups[0][0] : groups[-1][1]])
    if not 8 <= len(value) <= 15:
        return None
    kind = "mobile" if is_mobile(value, (len(value),)) else "phone"
    return Finding(kind, groups[0][0] - 1, groups[-1][1], value)


def _number_at(text: str, groups: list[tuple[int, int]], index: int) -> tuple[Finding | None, int]:
    """The longest number that begins at this group, and how many groups it takes."""
    begin = groups[index][0]
    best: tuple[Finding | None, int] = (None, 1)
    sizes: list[int] = []
    value = ""
    for width, (start, end) in enumerate(groups[index : index + 19], 1):
        part = digits_of(text[start:end])
        sizes.append(len(part))
        value += part
        if len(value) > 21:
            break
        kind = _kind(text, begin, value, tuple(sizes))
        if kind:
            best = (Finding(kind, begin, end, value), width)
    return best


def _kind(text: str, begin: int, value: str, sizes: tuple[int, ...]) -> str | None:
    length = len(value)
    if length == 18 and sizes[0] >= 6:
        if is_identity(value):
            return "identity"
        if _IDENTITY_WORD.search(text, max(0, begin - 12), begin):
            return "identity"
    if length == 15 and is_old_identity(value) and _IDENTITY_WORD.search(text, max(0, begin - 12), begin):
        return "identity"
    if is_card(value, sizes) or (looks_like_card(value, sizes) and _CARD_WORD.search(text, max(0, begin - 20), begin)):
        return "card"
    if is_mobile(value, sizes):
        return "mobile"
    return "landline" if is_landline(value, sizes) else None
