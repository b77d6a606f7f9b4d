"""Is this mail a delivery report, and what does it say?"""

from __future__ import annotations

from dataclasses import replace

from ..inbound.automatic import AWAY_SUBJECT
from ..inbound.threads import plus_token
from ..inbound.times import read_date
from ..mime.headers import Headers
from ..mime.structure import Part
from .codes import Kind
from .dsn import STATUS_TYPES, read_status
from .model import Action, Bounce, Recipient
from .original import Report, original_id, read_report
from .prose import read_prose
from .wording import pattern

VERP_MARK = "b."
ROBOT, SUBJECT, PROOF, WORDS = pattern("sender"), pattern("subject"), pattern("proof"), pattern("words")


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
