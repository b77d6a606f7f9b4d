"""Finding what must not be read: card numbers, security codes, one-time codes, identity and phone numbers.

One pass over labelled codes, one over runs of digits. A run is split into its groups, and a number must begin
and end at a group's edge: so a long order number holds no card by chance, and `HY-2026-004217` stays readable.
`\\d` means every decimal digit of Unicode: full-width numbers are found where they stand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .numbers import digits_of, is_card, is_identity, is_landline, is_mobile, luhn  # noqa: F401

_GAP = "[ \\t\\n\\-‐-―－.·()（）\u00a0\u2000-\u200d\u2060\u3000\ufeff]"
_RUN = re.compile(
    rf"(?P<ref>(?<![A-Za-z])[A-Za-z]{{1,6}}-\d{{4}}-\d{{6}}(?!{_GAP}?\d))"
    rf"|(?P<plus>[+＋]?)(?P<run>\d(?:{_GAP}{{0,3}}\d){{6,}}(?:{_GAP}?[XxＸｘ](?![A-Za-z0-9]))?)"
)
_GROUP = re.compile(r"\d+")
_LINK = r"(?:\s|[:：=是为“”\"'「」（(\[【，,]|is|was|number|码|号){0,8}"
_DIGITS = r"\d(?:[ \-]?\d){%s}(?![ \-]?\d)"
_CVV_WORDS = r"(?:cvv2?|cvc2?|cvn2?|安全码|卡背面?(?:的)?(?:末|后)?三位(?:数字?)?|背面(?:末|后)三位(?:数字?)?)"
_CODE_WORDS = (
    r"(?:(?:验证|校验|动态|短信|确认|激活|授权)码|动态密码|动态口令|口令|密码"
    r"|\botp\b|\bpin\b|passcode|password|one[- ]time (?:code|password|pin)"
    r"|(?:verification|security|confirmation|activation|authori[sz]ation) code)"
)
_LABELLED = re.compile(
    rf"(?P<cvv_word>{_CVV_WORDS}){_LINK}(?P<cvv>{_DIGITS % '2,3'})"
    rf"|(?P<code_word>{_CODE_WORDS}){_LINK}(?P<code>{_DIGITS % '3,7'})"
    rf"|(?<!\d)(?P<before>\d{{4,8}})(?=\s?(?:是|为|is)?\s?(?:您的|你的|your)?\s?[^\d\s]{{0,8}}\s?{_CODE_WORDS})",
    re.IGNORECASE,
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
    for match in _LABELLED.finditer(text):
        group = "cvv" if match["cvv"] else "code" if match["code"] else "before"
        kind = "cvv" if group == "cvv" else "code"
        yield Finding(kind, match.start(group), match.end(group), digits_of(match[group]))


def _runs(text: str) -> Iterator[Finding]:
    for match in _RUN.finditer(text):
        if match["ref"] is None:
            yield from _in_run(text, match)


def _in_run(text: str, match: re.Match) -> Iterator[Finding]:
    start = match.start("run")
    groups = [(start + g.start(), start + g.end()) for g in _GROUP.finditer(match["run"])]
    tail = match["run"][-1]
    if not tail.isdecimal():
        groups[-1] = (groups[-1][0], match.end("run"))
    if match["plus"] and (found := _international(text, groups)):
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
    return Finding("phone", groups[0][0] - 1, groups[-1][1], value) if 8 <= len(value) <= 15 else None


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
    if is_card(value, sizes):
        return "card"
    if is_mobile(value, sizes):
        return "mobile"
    return "landline" if is_landline(value, sizes) else None
