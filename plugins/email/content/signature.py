"""The sender's sign-off, found only where it is beyond doubt: after `-- `, or a device's line at the end."""

from __future__ import annotations

import re
from typing import NamedTuple

DASHES = re.compile(r"--[ \xa0]?\Z")
DEVICE = re.compile(
    r"\s*(?:发自我的.{1,40}|發自我的.{1,40}|从我的.{1,30}(?:发送|发出)"
    r"|发自.{0,12}(?:邮箱|邮件|手机|iPhone|iPad|安卓|华为|小米|微信).{0,20}"
    r"|来自\s*(?:QQ|网易|我的|iPhone|华为|小米|OPPO|vivo|Foxmail|新浪|微信).{0,20}"
    r"|(?:发送自|由)\s*(?:QQ|网易|我的|Windows|Outlook|Foxmail|iPhone|Mac).{1,30}"
    r"|sent from (?:my |mail|yahoo|outlook|foxmail|samsung|proton).{0,60}"
    r"|sent from .{1,20} mail.{0,40}|get outlook for .{1,40}"
    r"|von meinem .{1,30} gesendet|envoyé de mon .{1,30})\s*\Z",
    re.IGNORECASE,
)
LONGEST_LINES = 15


class Signed(NamedTuple):
    """Text without the sign-off, and the sign-off."""

    text: str
    signature: str


def split_signature(text: str) -> Signed:
    """Divide off a sign-off. Never leaves an empty text."""
    lines = text.rstrip().split("\n")
    start = _start(lines)
    visible = "\n".join(lines[:start]).rstrip()
    if start >= len(lines) or not visible:
        return Signed(text, "")
    return Signed(visible, "\n".join(lines[start:]).strip())


def _start(lines: list[str]) -> int:
    for back in range(1, min(LONGEST_LINES, len(lines)) + 1):
        if DASHES.match(lines[-back]):
            return len(lines) - back
    last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip()), 0)
    return last if DEVICE.match(lines[last]) else len(lines)
