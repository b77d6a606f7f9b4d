"""One raw mail in; messages, receipts and notices out. Pure: the same bytes give the same answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from console.plugin_api.channels import ChannelNotice, EnvelopeView, InboundMessage, Parsed

from ..bounces.read import read_bounce
from ..bounces.receipts import receipts_of
from ..mime.structure import Budget, Limits, Part, read_tree
from ..notes import explain
from .automatic import Verdict, judge
from .bodytext import Body, read_body
from .identity import read_evidence
from .ids import content_hash, provider_id, wire_id
from .language import guess_language
from .notices import notice_of
from .people import People, read_people
from .threads import read_hints
from .times import read_date

OVERSIZE = "x-huiyin-oversize"
"""Envelope header: the size of a mail of which only the header was fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """What reading a mail must know of the account."""

    own: list[str] = field(default_factory=list)
    authserv: str = ""
    limits: Limits = field(default_factory=Limits)


def read_mail(envelope: EnvelopeView, room: Mailroom) -> list[Parsed]:
    """Everything in one mail. Never raises; whatever was odd is said in `meta["notes"]`."""
    budget = Budget(room.limits)
    root = read_tree(envelope.raw, budget)
    people = read_people(root.headers, room.own, budget)
    subject = root.headers.text("subject", _charset(root))[:1000]
    bounce = read_bounce(
        root,
        sender=f"{people.sender.name} {people.sender.value}".strip(),
        subject=subject,
        own=room.own,
        arrived=people.arrived,
    )
    receipts = receipts_of(bounce, people.arrived) if bounce else []
    if any(receipt.provider_message_id or receipt.delivery_key for receipt in receipts):
        return [*receipts]
    notice = notice_of(root)
    if notice:
        return [notice]
    verdict = judge(root.headers, sender=people.sender.value, own=room.own, subject=subject)
    if bounce:
        verdict = Verdict("bounce", True, (*verdict.reasons, "bounce"))
    body = read_body(root, budget, subject)
    return [*receipts, _message(envelope, room, root, people, subject, body, verdict, budget)]


def _charset(root: Part) -> str | None:
    """What to try for raw bytes in the header: the charset of the first text."""
    for part in root.walk()[:10]:
        if part.main == "text" and part.type_field.params.get("charset"):
            return part.type_field.params["charset"]
    return None


def _message(
    envelope: EnvelopeView,
    room: Mailroom,
    root: Part,
    people: People,
    subject: str,
    body: Body,
    verdict: Verdict,
    budget: Budget,
) -> InboundMessage:
    headers = root.headers
    wire = wire_id(headers, budget)
    made = content_hash(
        people.sender.value, subject, headers.text("date"), f"{body.text}{body.quoted}", body.attachments
    )
    written = _written_at(read_date(headers.text("date")), envelope.reached_at, budget)
    text = _oversize(envelope, budget) or body.text
    return InboundMessage(
        provider_message_id=provider_id(wire, made),
        wire_id=wire,
        sender=people.sender,
        recipients=people.participants,
        subject=subject,
        text=text,
        html=body.html,
        quoted_text=body.quoted,
        attachments=body.attachments,
        occurred_at=written,
        thread=read_hints(headers, people.arrived, room.own, subject),
        automatic=verdict.code,
        evidence=read_evidence(headers, people.sender.value, room.authserv),
        language=guess_language(f"{subject}\n{body.text}"),
        meta=_meta(body, verdict, budget, made),
    )


def _written_at(date: datetime | None, reached: datetime | None, budget: Budget) -> datetime | None:
    """The sender's own time, unless it lies in the future or is missing."""
    if date is None:
        budget.note("date_missing")
        return reached
    return reached if reached and date > reached + timedelta(hours=1) else date


def _oversize(envelope: EnvelopeView, budget: Budget) -> str:
    size = envelope.headers.get(OVERSIZE, "")
    if not size.isdecimal():
        return ""
    budget.note("oversize")
    return "[{}]".format(
        _(
            "This mail is %(size)d MB large. Only its header was fetched; "
            "the mail lies in the mailbox's folder for failed mail."
        )
        % {"size": max(1, round(int(size) / 1_000_000))}
    )


def _meta(body: Body, verdict: Verdict, budget: Budget, made: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"content_hash": made, "notes": explain(budget.notes)}
    if verdict.suppress:
        meta["suppress_reply"] = True
    if verdict.reasons:
        meta["automatic_reasons"] = list(verdict.reasons)[:10]
    if body.signature:
        meta["signature"] = body.signature[:2000]
    return meta


__all__ = ["OVERSIZE", "ChannelNotice", "Mailroom", "read_mail"]
