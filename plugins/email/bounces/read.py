"""Is this mail a delivery report, and what does it say?"""

from __future__ import annotations

import re
from dataclasses import replace

from ..inbound.automatic import AWAY_SUBJECT
from ..inbound.threads import plus_token
from ..inbound.times import read_date
from ..mime.headers import Headers
from ..mime.structure import Part
from .dsn import STATUS_TYPES, read_status
from .codes import Kind
from .model import Action, Bounce, Recipient
from .original import Report, original_id, read_report
from .prose import read_prose

VERP_MARK = "b."
ROBOT = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|postoffice|mdaemon|mail[-.]?delivery[\w.-]*|mdeliver|bounce\w*)(?:@|\\@|\Z| )"
    r"|\b(?:mail delivery|mail administrator|system administrator|delivery subsystem|邮件系统|系统管理员|系统退信|邮局)",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|non-?deliver|nondeliver|mail error|error during delivery|system error|non remis|delivery (?:warning|problem)|(?:mail|message) (?:warning|rejected)|rejected: |undeliverable|delivery (?:status|fail|report|notification|error|has failed|problem|delay|unsuccessful)|returned (?:mail|e-?mail|to sender|message)|mail (?:delivery|returned|system error|could not)"
    r"|failure notice|failed (?:mail|delivery|to deliver|message)|message (?:delivery|status|not delivered|undeliverable|could not)|unable to deliver|could ?n.t be (?:sent|delivered)|bounced? (?:mail|message)|warning: (?:message|could not)|delivery delayed|user unknown|nondelivery|notification d'état"
    r"|退信|系统退信|投递失败|无法投递|未送达|发送失败|未能送达|未能送達|無法投遞|退件|邮件被退回|传递失败|传送失败|unzustellbar|delivery incomplete",
    re.IGNORECASE,
)
PROOF = re.compile(
    r"RCPT TO:\s*<|did not reach the following recipient|(?:could not|cannot|can ?not|was not|were not)(?: be)? delivered to(?: the following| user)?[\w ]*:?\s*\"?<?\S{1,64}@"
    r"|(?:smtp error code|smtp error from|failed recipients|delivery (?:failed|attempts will)|non-delivery report|remote (?:host|server) said)"
    r"|(?:^|[\s:])5[0-7]\d[ -]#?5\.\d\.\d|(?:以下|下列)(?:收件人|地址)|收件人.{0,40}(?:投递|发送)失败|(?:邮件|您的邮件)(?:被退回|无法(?:送达|投递))",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"could not be delivered|(?:was|is|were)(?:n't| not) (?:able to be )?delivered|undeliver|delivery (?:to|has|failed|of)|unable to deliver|failed (?:recipient|address|permanently)|permanent (?:fatal )?error|returned (?:to|below|because)|rejected|user unknown|did ?n[o']t reach|could ?n.t be|no such user|mailbox|无法|失败|退信|退回|未能",
    re.IGNORECASE,
)


def read_bounce(root: Part, *, sender: str, subject: str, own: list[str], arrived: list[str]) -> Bounce | None:
    """The report in this mail, None when it is none. Never raises."""
    headers = root.headers
    verp = _verp(arrived, own)
    if not (verp or _suspicious(root, headers, sender, subject)):
        return None
    report = read_report(root)
    recipients = read_status(root)
    if not recipients:
        if not (verp or WORDS.search(report.words) or _plain(sender, subject)):
            return None
        recipients = read_prose(report, headers, {*own, *arrived})
    else:
        recipients = [_completed(recipient, report, headers, own) for recipient in recipients]
    return Bounce(
        recipients=tuple(recipients),
        message_id=original_id(report, headers),
        verp=verp,
        at=read_date(headers.text("date")),
    )


def _verp(arrived: list[str], own: list[str]) -> str:
    tokens = (plus_token(address, mine) for address in arrived for mine in own)
    return next((token.removeprefix(VERP_MARK) for token in tokens if token.startswith(VERP_MARK)), "")


def _suspicious(root: Part, headers: Headers, sender: str, subject: str) -> bool:
    if any(part.type in STATUS_TYPES for part in root.walk()[:20]) or headers.has("x-failed-recipients"):
        return True
    if AWAY_SUBJECT.match(subject):
        return False
    robot = bool(ROBOT.search(sender)) or headers.raw("return-path").strip() == b"<>"
    report = root.type_field.params.get("report-type", "")
    if report == "delivery-status":
        return True
    if not SUBJECT.search(subject):
        return robot and report != "disposition-notification"
    return robot or _no_person(headers, sender) or _proven(root)


def _proven(root: Part) -> bool:
    """Words no person writes, under a subject few persons write."""
    return bool(PROOF.search(read_report(root).words[:4000]))


def _plain(sender: str, subject: str) -> bool:
    """A mail system's address and a bounce's subject need no further words."""
    return bool(ROBOT.search(sender) and SUBJECT.search(subject))


def _no_person(headers: Headers, sender: str) -> bool:
    submitted = headers.text("auto-submitted").lower()
    return not sender or (bool(submitted) and not submitted.startswith("no"))


def _completed(recipient: Recipient, report: Report, headers: Headers, own: list[str]) -> Recipient:
    """Fields that say little (`Status: 5.0.0` and no more) are filled up from the words for people."""
    if recipient.action in (Action.DELIVERED, Action.RELAYED) or (
        recipient.address and recipient.meaning.kind not in (Kind.OTHER, Kind.SYSTEM, Kind.POLICY)
    ):
        return recipient
    words = read_prose(report, headers, own)
    told = next((one for one in words if one.address == recipient.address), words[0])
    better = told.meaning if recipient.meaning.kind is Kind.OTHER else recipient.meaning
    return replace(
        recipient,
        address=recipient.address or told.address,
        meaning=better,
        diagnostic=recipient.diagnostic or told.diagnostic,
    )
