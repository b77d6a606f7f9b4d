"""An outbound message as the bytes of a mail. The same message gives the same mail, but for its date."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from console.plugin_api.channels import OutboundAttachment, OutboundMessage, ParticipantRole
from console.plugin_api.errors import PermanentFailure

from ..content.names import safe_name
from ..content.render import html_to_text
from ..inbound.automatic import LOOP_FIELD
from ..mime.addresses import normal_address
from .ids import key_part, message_id

POLICY = SMTP.clone(max_line_length=76, refold_source="none")
CONTROL = re.compile("[\x00-\x1f\x7f\u2028\u2029\x85]+")
TOKEN = re.compile(r"[A-Za-z0-9._-]{1,120}\Z")
TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}\Z", re.ASCII)
AUTOMATIC = {"auto-replied", "auto-generated"}


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
    """The mail and its envelope. `envelope_from` is "" for automatic mails, which must not bounce back."""

    data: bytes
    message_id: str
    envelope_from: str
    recipients: tuple[str, ...]
    needs_utf8: bool


def one_line(text: str) -> str:
    """Text that can stand in a header: no control characters, so nothing can be injected."""
    return " ".join(CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).split())


def compose(message: OutboundMessage, desk: Desk, now: datetime) -> Composed:
    """Build the mail. Raises `PermanentFailure` when there is nobody to write to or an address cannot exist."""
    identifier = message_id(message.key, desk.address.rpartition("@")[2])
    mail = _body(message)
    recipients = _address_fields(mail, message, desk)
    mail["Subject"] = _subject(message, desk)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{identifier}>"
    _thread_fields(mail, message)
    automatic = _automatic(message)
    if automatic:
        mail["Auto-Submitted"] = automatic
        mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP_FIELD.title()] = one_line(desk.loop_mark)
    if message.language:
        mail["Content-Language"] = one_line(message.language)[:35]
    _fix_boundaries(mail, message.key)
    needs_utf8 = any(not address.isascii() for address in (*recipients, desk.address))
    data = mail.as_bytes(policy=POLICY.clone(utf8=needs_utf8))
    sender = "" if automatic == "auto-replied" else _envelope_from(message, desk)
    return Composed(
        data=data, message_id=identifier, envelope_from=sender, recipients=recipients, needs_utf8=needs_utf8
    )


def _automatic(message: OutboundMessage) -> str:
    value = message.meta.get("automatic")
    return value if value in AUTOMATIC else "auto-generated" if value else ""


def _body(message: OutboundMessage) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    text = message.text or (html_to_text(message.html) if message.html else "")
    mail.set_content(_clean(text), **_encoding(text))
    if message.html:
        mail.add_alternative(_clean(message.html), subtype="html", **_encoding(message.html))
    inline = [file for file in message.attachments if file.inline and file.content_id and message.html]
    for file in inline:
        mail.get_payload()[1].add_related(file.content, **_file(file), cid=f"<{one_line(file.content_id).strip('<>')}>")
    for file in message.attachments:
        if file not in inline:
            mail.add_attachment(file.content, **_file(file))
    return mail


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode()


def _encoding(text: str) -> dict[str, Any]:
    plain = text.isascii() and max(map(len, text.split("\n")), default=0) < 900
    return {"charset": "utf-8", "cte": "7bit" if plain else "base64"}


def _file(file: OutboundAttachment) -> dict[str, str]:
    kind = file.content_type if TYPE.match(file.content_type) else "application/octet-stream"
    if kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    main, _, sub = kind.partition("/")
    return {"maintype": main, "subtype": sub, "filename": safe_name(file.name, kind, 1), "disposition": "inline" if file.inline else "attachment"}


def _address_fields(mail: EmailMessage, message: OutboundMessage, desk: Desk) -> tuple[str, ...]:
    """Write From, To, Cc and Reply-To; return everyone the mail goes to, blind copies too."""
    mail["From"] = _header_address(desk.name, desk.address)
    everyone: dict[str, None] = {}
    for role, field in ((ParticipantRole.TO, "To"), (ParticipantRole.CC, "Cc"), (ParticipantRole.BCC, "")):
        listed = [_header_address(one.address.name, one.address.value) for one in message.recipients if one.role is role]
        everyone.update(dict.fromkeys(address.addr_spec for address in listed))
        if field and listed:
            mail[field] = listed
    if not everyone:
        raise PermanentFailure("no_recipient", "The message has no recipient.")
    token = message.thread_token
    if token and desk.thread_by in ("plus", "both") and TOKEN.match(token):
        mail["Reply-To"] = _header_address(desk.name, plus(desk.address, token))
    return tuple(everyone)


def _header_address(name: str, address: str) -> HeaderAddress:
    value = normal_address(address)
    if not value or CONTROL.search(address):
        raise PermanentFailure("bad_address", "A recipient's address is not a mail address.")
    local, _, domain = value.rpartition("@")
    try:
        return HeaderAddress(display_name=one_line(name)[:100], username=local, domain=domain)
    except (ValueError, IndexError, LookupError) as error:
        raise PermanentFailure("bad_address", "A recipient's address is not a mail address.") from error


def plus(address: str, token: str) -> str:
    """An address of ours with a token behind the plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def _subject(message: OutboundMessage, desk: Desk) -> str:
    subject = one_line(message.subject)[:500]
    tag = f"[#{message.thread_token}]"
    if message.thread_token and desk.thread_by in ("subject", "both") and TOKEN.match(message.thread_token):
        subject = subject if tag in subject else f"{subject} {tag}".strip()
    return subject


def _thread_fields(mail: EmailMessage, message: OutboundMessage) -> None:
    replied = _ids([message.in_reply_to])
    known = _ids([*message.references, message.in_reply_to])
    if replied:
        mail["In-Reply-To"] = replied[0]
    if known:
        mail["References"] = " ".join([*known[:1], *known[1:][-20:]])


def _ids(values: list[str]) -> list[str]:
    cleaned = ("".join(one_line(value).split()).strip("<>") for value in values)
    return list(dict.fromkeys(f"<{value}>" for value in cleaned if value.isascii() and "@" in value and not set(value) & set("<>")))


def _envelope_from(message: OutboundMessage, desk: Desk) -> str:
    part = key_part(message.key)
    return plus(desk.address, f"b.{part}") if desk.verp and len(part) <= 48 else desk.address


def _fix_boundaries(mail: EmailMessage, key: str) -> None:
    mark = hashlib.sha256(key.encode()).hexdigest()[:24]
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_hy_{number}_{mark}")
