"""Where the answer ends and the mail it answers begins, for the clients Chinese and other customers use.

The original is never lost: what is cut off is returned beside what is left. When cutting would leave
nothing, or the mail is a forward, or answers stand between quoted lines, nothing is cut.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .render import QUOTE_MARK

SUBJECT_FORWARD = re.compile(r"\s*(?:fw|fwd|转发|轉寄|转|wg|tr)\s*[:：]", re.IGNORECASE)
FORWARD_LINE = re.compile(
    r"\s*-*\s*(?:forwarded (?:message|mail)|begin forwarded message"
    r"|转发(?:的)?(?:邮件|信息|邮件信息)|轉寄(?:的)?郵件|已转发邮件)",
    re.IGNORECASE,
)
RULE_LINE = re.compile(
    r"[\s>]*[-_=—]{2,}\s*(?:原始邮件(?:信息)?|原邮件|原始郵件|原信件|回复的原邮件|回复的邮件|replied message"
    r"|original(?: message| mail| email)?|ursprüngliche nachricht|message d'origine|mensaje original)\s*[-_=—]{2,}",
    re.IGNORECASE,
)
ABOVE_LINE = re.compile(r".{0,12}(?:reply above this line|请在(?:此|本)(?:行|线)(?:之上|上方|以上)回复)", re.IGNORECASE)
WROTE = re.compile(
    r"[\s>]*(?:"
    r"(?:on|at|am|le|el|il|op)\b.{4,300}?"
    r"\b(?:wrote|writes|schrieb|a écrit|écrit|escribió|ha scritto|schreef)\b.{0,120}?[:：]"
    r"|(?:在|于|於)?.{0,200}?(?:\d{1,4}\s*[-年/.月]\s*\d{1,2}|@).{0,200}?(?:写道|寫道|写到|編寫|编写)[:：]"
    r"|.{0,80}[<＜(（][^\s<>]+@[^\s<>]+[>＞)）].{0,60}?(?:写道|寫道|编写|於.{4,40}寫道)[:：]"
    r")\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
WROTE_END = re.compile(
    r"(?:wrote|writes|schrieb|écrit|escribió|scritto|schreef|写道|寫道|写到|編寫|编写).{0,120}?[:：]\s*\Z",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"[\s>*]*(?P<label>from|sent|date|to|cc|subject|reply-to|发件人|發件人|寄件者|寄件人|发送时间|發送時間|发件时间|发送日期|日期"
    r"|時間|时间|收件人|收件者|抄送|抄送人|副本|主题|主題|主旨|von|gesendet|an|betreff|de|envoyé|à|objet)\s*\**\s*[:：]",
    re.IGNORECASE,
)
FROM_LABEL = re.compile(r"[\s>*]*(?:from|发件人|發件人|寄件者|寄件人|von|de)\s*\**\s*[:：]", re.IGNORECASE)
DIVIDER = re.compile(r"\s*(?:[-_=*—]{3,}|\|)\s*\Z")
QUOTED = re.compile(r"\s{0,2}[>＞]")
MOST_LINES = 4000


class Split(NamedTuple):
    """What the sender wrote now, and what was cut off."""

    text: str
    quoted: str


def split_reply(text: str, subject: str = "") -> Split:
    """Divide a mail's text. Never raises; `text` is never empty when there was any."""
    lines = text.replace("\r\n", "\n").split("\n")
    if SUBJECT_FORWARD.match(subject):
        return Split(_unmarked(lines).strip(), "")
    cut = _reply_start(lines[:MOST_LINES])
    if cut is None:
        return _quoted_block(lines)
    visible, quoted = _unmarked(lines[:cut]).strip(), _unmarked(lines[cut:]).strip()
    if not visible:
        return _answer_below(lines, cut) or Split(_unmarked(lines).strip(), "")
    return Split(*_quoted_tail(visible, quoted))


def _unmarked(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line != QUOTE_MARK)


def _reply_start(lines: list[str]) -> int | None:
    """First line of the quoted mail, with the divider above it."""
    for at, line in enumerate(lines):
        if line == QUOTE_MARK:
            below = next((rest for rest in lines[at + 1 :] if rest.strip()), "")
            return None if FORWARD_LINE.match(below) else _with_divider(lines, at)
        if not line.strip():
            continue
        if FORWARD_LINE.match(line):
            return None
        if _starts(lines, at, line):
            return _with_divider(lines, at)
    return None


def _with_divider(lines: list[str], at: int) -> int:
    """The line drawn above a quotation belongs to it."""
    above = at - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and DIVIDER.match(lines[above]) else at


def _starts(lines: list[str], at: int, line: str) -> bool:
    if RULE_LINE.match(line) or ABOVE_LINE.match(line):
        return True
    if len(line) > 600:
        return False
    return _wrote(lines, at) or _header_block(lines, at)


def _wrote(lines: list[str], at: int) -> bool:
    """`On … wrote:` on one line, or broken over up to four."""
    line = lines[at].strip()
    if WROTE.match(line):
        return True
    if not re.match(r"[\s>]*(?:on|at|am|le|在|于|於)\b|.*[<＜]", line[:120], re.IGNORECASE):
        return False
    joined = line
    for more in lines[at + 1 : at + 4]:
        joined = f"{joined} {more.strip()}"
        if WROTE_END.search(more):
            return len(joined) < 500 and bool(WROTE.match(joined))
    return False


def _header_block(lines: list[str], at: int) -> bool:
    """From, Sent, To, Subject in a row, as Outlook, Foxmail and QQ write them; From leads."""
    if not FROM_LABEL.match(lines[at]):
        return False
    labels = {match["label"].lower() for line in lines[at : at + 9] if (match := LABEL.match(line))}
    return len(labels) >= 3


def _quoted_block(lines: list[str]) -> Split:
    """No client's mark: only lines that begin with `>`."""
    text = _unmarked(lines).strip()
    return Split(*_quoted_tail(text, "")) if QUOTED.search(text) else Split(text, "")


def _quoted_tail(text: str, quoted: str) -> tuple[str, str]:
    """Cut quoted lines at the end. Between answers they stay, for they give the answers their sense."""
    lines = text.split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or QUOTED.match(lines[end - 1])):
        end -= 1
    if (
        end
        and end < len(lines)
        and WROTE_END.search(lines[end - 1])
        and any(QUOTED.match(line) for line in lines[end:])
    ):
        end -= 1
    visible = "\n".join(lines[:end]).rstrip()
    if not visible or end == len(lines):
        return text, quoted
    tail = "\n".join(lines[end:]).strip()
    return visible, f"{tail}\n\n{quoted}".strip()


def _answer_below(lines: list[str], cut: int) -> Split | None:
    """The quotation stands on top and the answer under it."""
    below = lines[cut + 1 :]
    last = max((at for at, line in enumerate(below) if QUOTED.match(line)), default=-1)
    if last < 0:
        return None
    visible = "\n".join(below[last + 1 :]).strip()
    inside = [line for line in below[:last] if line.strip() and not QUOTED.match(line)]
    if not visible or len(inside) > 3:
        return None
    return Split(visible, _unmarked(lines[: cut + 2 + last]).strip())
