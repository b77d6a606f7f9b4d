"""Reports written for people: the address and the reason, found in the words of many servers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..mime.addresses import normal_address, read_addresses
from ..mime.headers import Headers
from .codes import meaning
from .model import Action, Recipient
from .original import Report

ADDRESS = r"(?<![\w.+@-])[\w.!#$%&'*+/?^`{|}~-]{1,64}@[A-Za-z0-9\u0080-\uffff](?:[\w-]|\.(?=[\w-])){0,250}"
ANY = re.compile(ADDRESS)
STRONG = tuple(
    re.compile(pattern.replace("@@", f"<?({ADDRESS})>?"), re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"^\s*@@\s*:\s*(?:$|\S)",
        r"^\s{0,8}(?:intended recipient|recipient|user|address|final recipient|original recipient|rcpt to|failed recipient)s?\s*[:;=]\s*(?:rfc822;\s*)?@@\s*$",
        r"RCPT TO:\s*@@",
        r"(?:dda:SMTP=|SMTP:)@@",
        r"^\s*(?:-+\s*|>\s*)?[\"']?@@[\"']?\s*(?:$|on\s|\(|,|-|;|\.\.\.|unknown|user)",
        r"^\s*(?:(?:unknown|invalid|no such|bad|undeliverable|failed)[\w ]{0,30}(?:user\w*|recipient|address\w*|mailbox)|[\w ]{0,30} mailbox full|failed addresses follow|user mailbox exceeds[\w ]{0,30})\s*[:;]\s*@@",
        r"(?:deliver\w*|sent|send|mail|message)\s+(?:it\s+)?to\s+(?:the following (?:address|recipient)\w*:?\s+)?(?:the )?(?:user |address |recipient )?@@",
        r"(?:5\d\d|4\d\d)[ -][^\n]{0,80}?@@",
        r"@@[^\n]{0,40}(?:unknown|not found|does not|doesn't|rejected|invalid|full|quota|failed|unavailable|disabled)",
        r"(?:收件人|收信人|收件地址|无法(?:投递|发送|送达)到?|发送到|投递到|送到|至|发往|对方)[^\n@]{0,20}?@@",
        r"(?:user|recipient|mailbox|account|address)[^\n@]{0,20}?@@",
    )
)
LINES = 7
"""The first patterns stand for whole lines; all of them are read, for a report may list several addresses."""

CODE_LINE = re.compile(r"(?<![\d.])[45]\d\d[ \-#]|(?<![\d.])[45]\.\d\.\d{1,3}(?!\.\d)")
NOT_A_RECIPIENT = re.compile(r"(?:postmaster|mailer-daemon|mailerdaemon|mail-daemon|abuse|no-?reply|admin@|support@|helpdesk|webmaster)", re.IGNORECASE)
DELAYED = re.compile(
    r"no action (?:is )?required on your part|will (?:continue|keep) (?:to try|trying|retrying)|will be (?:retried|attempted)"
    r"|warning message only|do not need to resend|delivery attempts will continue|has been delayed|still being (?:tried|retried)|继续(?:尝试|重试)|将(?:再次|会继续)",
    re.IGNORECASE,
)
GAVE_UP = re.compile(r"giving up|given up|will not be retried|permanent|has expired|returned to you|放弃", re.IGNORECASE)


def read_prose(report: Report, headers: Headers, ours: Iterable[str]) -> list[Recipient]:
    """Recipients named by a report without machine-readable fields. Never raises."""
    words = report.words
    own = set(ours)
    addresses = _failed_header(headers) or _chosen(words, report.original, own)
    action = Action.DELAYED if DELAYED.search(f"{headers.text('subject')}\n{words}") and not GAVE_UP.search(words) else Action.FAILED
    return [_one(address, words, action) for address in addresses] or [_one("", words, action)]


def _one(address: str, words: str, action: Action) -> Recipient:
    near = _near(words, address)
    diagnostic = _diagnostic(near) or _diagnostic(words) or near
    what = meaning("", diagnostic, f"{near}\n{words}", permanent=action is Action.FAILED)
    return Recipient(address=address, action=action, meaning=what, diagnostic=diagnostic[:500])


def _failed_header(headers: Headers) -> list[str]:
    values = [*headers.all_raw("x-failed-recipients"), *headers.all_raw("x-failed-recipient")]
    return [box.address for box in read_addresses(values)]


def _chosen(words: str, original: Headers, own: set[str]) -> list[str]:
    """Addresses in telling places; else those the returned mail was written to; else any that is not a postmaster."""
    written_to = [box.address for name in ("to", "cc", "bcc") for box in read_addresses(original.all_raw(name))]
    strong = _in_order(words, own, STRONG[:LINES], together=True) or _in_order(words, own, STRONG[LINES:])
    both = [address for address in strong if address in written_to]
    if both or strong:
        return both or strong
    named = _in_order(words, own, (ANY,))
    both = [address for address in named if address in written_to]
    if both:
        return both
    if len(named) == 1:
        return named
    return [address for address in written_to[:3] if address not in own] or named[:3]


def _in_order(
    words: str, own: set[str], patterns: Iterable[re.Pattern[str]], *, together: bool = False
) -> list[str]:
    found: dict[str, None] = {}
    for pattern in patterns:
        for match in pattern.finditer(words[:20_000]):
            address = normal_address(match[match.lastindex or 0].rstrip(".:,'"))
            if address and address not in own and not NOT_A_RECIPIENT.match(address) and "." in address.rpartition("@")[2]:
                found[address] = None
        if found and not together:
            break
    return list(found)[:20]


def _near(words: str, address: str) -> str:
    at = words.lower().find(address) if address else -1
    if at < 0:
        return ""
    start = max(words.rfind("\n", 0, at) + 1, at - 300)
    return words[start : at + 600].strip()


def _diagnostic(text: str) -> str:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if CODE_LINE.search(line):
            return " ".join(" ".join(lines[at : at + 3]).split())
    return ""
