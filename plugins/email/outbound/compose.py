"""An outbound message as the bytes of a mail. The same message gives the same mail, but for its date."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from django.utils.translation import gettext as _

from console.plugin_api.channels import OutboundAttachment, OutboundMessage, ParticipantRole
from console.plugin_api.errors import PermanentFailure

from ..content.names import safe_name
from ..content.render import html_to_text
from ..mime.addresses import normal_address
from .ids import key_part, message_id
from .writing import encoded, field, file_part, mailbox, multipart, one_line, text_part

TOKEN = re.compile(r"[A-Za-z0-9._-]{1,120}\Z")
TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}\Z", re.ASCII)
LOCAL = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,64}\Z")
DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?=[A-Za-z0-9])){0,252}\Z")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}\Z")
AUTOMATIC = {"auto-replied", "auto-generated"}
LOOP_FIELD = "X-Huiyin-Loop"
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What writing a mail must know of the account. `thread_by` is plus, subject, both or none."""

    address: str
    name: str = ""
    thread_by: str = "plus"
    verp: bool = False
    loop_mark: str = "huiyin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The mail and its envelope. `envelope_from` is "" for automatic answers, which must not bounce back."""

    data: bytes
    message_id: str
    envelope_from: str
    recipients: tuple[str, ...]
    needs_utf8: bool


def compose(message: OutboundMessage, desk: Desk, now: datetime) -> Composed:
    """Build the mail. Raises `PermanentFailure` when there is nobody to write to or an address cannot exist."""
    identifier = message_id(message.key, desk.address.rpartition("@")[2])
    recipients = tuple(
        dict.fromkeys(checked(one.address.value) for one in message.recipients if _is_recipient(one.role))
    )
    if not recipients:
        raise PermanentFailure("no_recipient", _("The message has no recipient."))
    automatic = automatic_kind(message)
    fields = [*_address_fields(message, desk), *_own_fields(message, desk, identifier, now, automatic)]
    return Composed(
        data=b"".join(field(name, value) for name, value in fields if value) + _body(message),
        message_id=identifier,
        envelope_from="" if automatic == "auto-replied" else _envelope_from(message, desk),
        recipients=recipients,
        needs_utf8=any(not address.isascii() for address in (*recipients, desk.address)),
    )


def automatic_kind(message: OutboundMessage) -> str:
    """The Auto-Submitted word for a mail no person wrote, "" for a person's. The core says so in `meta`.

    An acknowledgement is an answer and goes without return address; a notice has one, for it must be known when it
    did not arrive.
    """
    value = message.meta.get("automatic")
    if value in AUTOMATIC:
        return str(value)
    answers = str(message.meta.get("purpose", "")).endswith("acknowledgement")
    return ("auto-replied" if answers else "auto-generated") if value else ""


def checked(address: str) -> str:
    """An address that can stand in a header and in an envelope. Raises `PermanentFailure` otherwise."""
    value = normal_address(address) if "\n" not in address and "\r" not in address else ""
    local, _at, domain = value.rpartition("@")
    if (
        not (LOCAL.match(local) and DOMAIN.match(domain))
        or ".." in local
        or local.startswith(".")
        or local.endswith(".")
    ):
        raise PermanentFailure("bad_address", _("A recipient's address is not a mail address."))
    return value


def _is_recipient(role: ParticipantRole) -> bool:
    return role in (ParticipantRole.TO, ParticipantRole.CC, ParticipantRole.BCC)


def _address_fields(message: OutboundMessage, desk: Desk) -> Iterator[tuple[str, str]]:
    """From, To, Cc and Reply-To. Blind copies stand in no field."""
    yield "From", mailbox(desk.name, desk.address)
    for role, name in ((ParticipantRole.TO, "To"), (ParticipantRole.CC, "Cc")):
        shown = [
            mailbox(one.address.name, checked(one.address.value)) for one in message.recipients if one.role is role
        ]
        yield name, ", ".join(shown)
    if message.thread_token and desk.thread_by in ("plus", "both") and TOKEN.match(message.thread_token):
        yield "Reply-To", mailbox(desk.name, plus(desk.address, message.thread_token))


def _own_fields(
    message: OutboundMessage, desk: Desk, identifier: str, now: datetime, automatic: str
) -> Iterator[tuple[str, str]]:
    replied, known = _ids([message.in_reply_to]), _ids([*message.references, message.in_reply_to])
    yield "Subject", encoded(_subject(message, desk))
    yield "Date", format_datetime(now)
    yield "Message-ID", f"<{identifier}>"
    yield "In-Reply-To", " ".join(replied)
    yield "References", " ".join([*known[:1], *known[1:][-MOST_REFERENCES:]])
    yield "Auto-Submitted", automatic
    yield "X-Auto-Response-Suppress", "All" if automatic else ""
    yield LOOP_FIELD, one_line(desk.loop_mark)
    yield "Content-Language", message.language if LANGUAGE.match(message.language) else ""
    yield "MIME-Version", "1.0"


def plus(address: str, token: str) -> str:
    """An address of ours with a token behind the plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def _subject(message: OutboundMessage, desk: Desk) -> str:
    subject = one_line(message.subject)[:500]
    if not (message.thread_token and desk.thread_by in ("subject", "both") and TOKEN.match(message.thread_token)):
        return subject
    tag = f"[#{message.thread_token.partition('.')[0].upper()}]"
    return subject if tag in subject.upper() else f"{subject} {tag}".strip()


def _ids(values: Iterable[str]) -> list[str]:
    cleaned = ("".join(one_line(value).split()).strip("<>") for value in values)
    fit = (value for value in cleaned if value.isascii() and len(value) < 500 and not set(value) & set("<>"))
    return list(dict.fromkeys(f"<{value}>" for value in fit if value))


def _envelope_from(message: OutboundMessage, desk: Desk) -> str:
    part = key_part(message.key)
    return plus(desk.address, f"b.{part}") if desk.verp and len(part) <= 48 else desk.address


def _body(message: OutboundMessage) -> bytes:
    """Text and HTML side by side, pictures of the HTML beside it, files behind."""
    mark = hashlib.sha256(message.key.encode()).hexdigest()[:24]
    text = message.text or (html_to_text(message.html) if message.html else "")
    inline = [file for file in message.attachments if _is_inline(file, message)]
    forms = [text_part(text, "plain")]
    if message.html:
        shown = [
            text_part(message.html, "html"),
            *(_file(file, one_line(file.content_id).strip("<>")) for file in inline),
        ]
        forms.append(multipart("related", f"=_hy_r_{mark}", shown))
    files = [_file(file) for file in message.attachments if file not in inline]
    return multipart("mixed", f"=_hy_m_{mark}", [multipart("alternative", f"=_hy_a_{mark}", forms), *files])


def _is_inline(file: OutboundAttachment, message: OutboundMessage) -> bool:
    return file.inline and bool(file.content_id) and file.content_id.isascii() and bool(message.html)


def _file(file: OutboundAttachment, content_id: str = "") -> bytes:
    fits = TYPE.match(file.content_type) and not file.content_type.startswith(("multipart/", "message/"))
    kind = file.content_type if fits else "application/octet-stream"
    return file_part(safe_name(file.name, kind, 1), kind, file.content, content_id)
