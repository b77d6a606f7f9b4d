"""Choosing what to read: which alternative, which part is text, which is a file, what must be explained."""

from __future__ import annotations

import html as html_lib
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..mime.charsets import decode
from ..mime.headers import Headers
from ..mime.structure import MESSAGE_TYPES, Budget, Part
from ..mime.tnef import open_tnef
from ..mime.uu import take_files
from ..mime.words import decode_words
from .calendar import describe
from .files import FileBox
from .flowed import unflow
from .render import html_to_text

MARKUP = re.compile(
    r"<(?:nl|/?paragraph|/?bold|/?italic|/?color|/?param|/?fontfamily|/?bigger|/?smaller)[^>]*>", re.IGNORECASE
)
DROPPED_ALTERNATIVES = {"text/x-amp-html", "text/watch-html"}
RESOURCE_FORKS = {"application/applefile", "application/mac-binhex40"}
UNREADABLE = {"application/pgp-encrypted", "multipart/encrypted"}
SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


@dataclass(slots=True)
class Piece:
    """One stretch of the body: text, HTML, or both. `inner` came from a mail inside the mail."""

    text: str = ""
    html: str = ""
    inner: bool = False


@dataclass(slots=True)
class Reading:
    """What is gathered while the tree is walked."""

    budget: Budget
    files: FileBox
    pieces: list[Piece] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    messages: int = 0


def read_bodies(root: Part, reading: Reading) -> None:
    """Walk the tree and fill `reading`. Never raises."""
    _walk(root, reading, alone=True)


def _walk(part: Part, reading: Reading, *, alone: bool = False) -> None:
    if part.type in UNREADABLE or (part.type in SMIME and "signed" not in part.type_field.params.get("smime-type", "")):
        _encrypted(part, reading)
    elif part.main == "multipart":
        _walk_multipart(part, reading)
    elif part.type in MESSAGE_TYPES:
        _forwarded(part, reading)
    elif _is_body(part, alone=alone):
        _text(part, reading)
    elif part.type == "application/ms-tnef" or part.filename.lower() == "winmail.dat":
        _tnef(part, reading)
    elif part.type == "message/external-body" or part.type == "message/partial":
        reading.budget.note(part.type.replace("/", "_").replace("-", "_"))
        reading.explained.append(_("Part of this mail lies elsewhere and could not be fetched."))
        reading.files.add(part)
    else:
        reading.files.add(part)
        if part.type in SMIME:
            reading.explained.append(_("This mail is wrapped in a signature; its content is in the attached file."))


def _is_body(part: Part, *, alone: bool) -> bool:
    if part.type not in ("text/plain", "text/html", "text/enriched", "text/richtext", "text/x-amp-html"):
        return False
    return (
        alone
        or (part.disposition.value != "attachment" and not part.disposition.params.get("filename"))
        or (part.disposition.value == "inline" and part.type == "text/html")
    )


def _walk_multipart(part: Part, reading: Reading) -> None:
    kind = part.type.partition("/")[2]
    if not part.children:
        _as_text(part, reading)
    elif kind == "alternative":
        _alternative(part, reading)
    elif kind == "related":
        _related(part, reading)
    elif kind == "appledouble":
        for child in part.children[1:] or part.children:
            _walk(child, reading)
    else:
        for number, child in enumerate(part.children):
            if kind == "signed" and number:
                reading.budget.note("signed")
                reading.files.add(child)
            elif child.type in RESOURCE_FORKS and len(part.children) > 1:
                reading.budget.note("resource_fork_left_out")
            else:
                _walk(child, reading, alone=number == 0 and kind in ("signed", "report"))


def _alternative(part: Part, reading: Reading) -> None:
    """One piece with the best text and the best HTML; anything else in there is kept as a file."""
    before = len(reading.pieces)
    for child in part.children:
        if child.type in DROPPED_ALTERNATIVES:
            reading.budget.note("alternative_left_out")
        elif child.type == "text/calendar":
            _calendar(child, reading, only=len(part.children) == 1)
        else:
            _walk(child, reading, alone=child.type in ("text/plain", "text/html"))
    found = reading.pieces[before:]
    text = max((piece.text for piece in found if not piece.html), key=lambda text: len(text.strip()), default="")
    html = next((piece for piece in reversed(found) if piece.html.strip()), None)
    reading.pieces[before:] = [Piece(text, html.html if html else "")] if found else []


def _related(part: Part, reading: Reading) -> None:
    start = part.type_field.params.get("start", "").strip("<> ")
    root = next((child for child in part.children if start and child.content_id == start), part.children[0])
    _walk(root, reading, alone=root.type in ("text/html", "text/plain"))
    for child in part.children:
        if child is not root:
            if child.main == "multipart" or child.type in MESSAGE_TYPES:
                _walk(child, reading)
            else:
                reading.files.add(child, inline=bool(child.content_id))


def _as_text(part: Part, reading: Reading) -> None:
    """A multipart without any part: what lies there is read as text."""
    charset = part.type_field.params.get("charset")
    text = decode(part.body(), charset).text.strip()
    if text:
        reading.pieces.append(Piece(text[: reading.budget.limits.text_chars]))


def _text(part: Part, reading: Reading) -> None:
    plain = part.decoded(text=True)
    if not reading.files.spend(len(plain.data)):
        reading.files.add(part)
        return
    body, found = take_files(plain.data) if part.type == "text/plain" else (plain.data, [])
    for file in found:
        reading.files.put(decode_words(file.name), "application/octet-stream", file.content)
    decoded = decode(body, part.type_field.params.get("charset") or _meta_charset(part, body))
    reading.budget.note(plain.note, decoded.note)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    limits = reading.budget.limits
    if len(text) > (limits.html_bytes if part.type == "text/html" else limits.text_chars):
        reading.budget.note("body_shortened")
        reading.files.put("body.html" if part.type == "text/html" else "body.txt", part.type, plain.data)
    reading.pieces.append(_piece(part, text, limits.text_chars, limits.html_bytes))


def _piece(part: Part, text: str, most_text: int, most_html: int) -> Piece:
    if part.type == "text/html":
        return Piece(html=text[:most_html])
    if part.type == "text/plain":
        if part.type_field.params.get("format", "").lower() == "flowed":
            text = unflow(text, delsp=part.type_field.params.get("delsp", "").lower() == "yes")
        return Piece(text[:most_text])
    if part.type == "text/x-amp-html":
        return Piece(html=text[:most_html])
    return Piece(MARKUP.sub("", text[:most_text]).replace("<<", "<"))


META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE)


def _meta_charset(part: Part, body: bytes) -> str | None:
    match = META_CHARSET.search(body[:4096]) if part.type == "text/html" else None
    return match[1].decode("ascii") if match else None


def _calendar(part: Part, reading: Reading, *, only: bool = False) -> None:
    text = describe(decode(part.decoded(text=True).data, part.type_field.params.get("charset")).text)
    if text and (only or not reading.pieces):
        reading.pieces.append(Piece(text))
    reading.files.add(part, name=part.filename or "invite.ics")


def _encrypted(part: Part, reading: Reading) -> None:
    reading.budget.note("encrypted")
    reading.explained.append(_("This mail is encrypted and cannot be read here; it is attached as it came."))
    for child in [below for below in part.walk() if not below.children]:
        reading.files.add(child)


def _tnef(part: Part, reading: Reading) -> None:
    body, found = open_tnef(part.decoded().data)
    reading.budget.note("outlook_winmail")
    if body.strip():
        reading.pieces.append(Piece(decode(body).text))
    for file in found:
        reading.files.put(decode(file.name).text, "", file.content)
    if not found and not body.strip():
        reading.files.add(part, name=part.filename or "winmail.dat")


def _forwarded(part: Part, reading: Reading) -> None:
    """A mail inside a mail: kept whole as a file, and readable below the text."""
    reading.messages += 1
    inner = part.children[0] if part.children else None
    subject = inner.headers.text("subject") if inner else ""
    reading.files.add(part, name=part.filename or f"{subject or 'message'}.eml")
    if inner is None:
        reading.explained.append(_("A mail inside this mail was too deep to be opened; it is attached."))
        return
    inside = Reading(reading.budget, reading.files.names_only())
    _walk(inner, inside, alone=True)
    lines = [_("---------- Forwarded mail ----------"), *_header_lines(inner.headers), "", joined_text(inside)]
    if inside.files.names:
        lines += ["", _("Files in it: %(names)s") % {"names": ", ".join(inside.files.names[:20])}]
    reading.pieces.append(Piece("\n".join(lines)[: reading.budget.limits.text_chars], inner=True))


def _header_lines(headers: Headers) -> list[str]:
    lines = (
        ("from", _("From: %(value)s")),
        ("date", _("Date: %(value)s")),
        ("to", _("To: %(value)s")),
        ("subject", _("Subject: %(value)s")),
    )
    return [line % {"value": value} for name, line in lines if (value := headers.text(name))]


def piece_text(piece: Piece) -> str:
    """Text of one piece; rendered from its HTML when there is none worth reading."""
    return piece.text if piece.text.strip() or not piece.html else html_to_text(piece.html)


def joined_text(reading: Reading) -> str:
    """All text of the body, mails inside the mail too."""
    return _joined(reading.pieces)


def own_and_inner_text(reading: Reading) -> tuple[str, str]:
    """What the sender's own parts say, and what the mails inside say."""
    own = [piece for piece in reading.pieces if not piece.inner]
    return _joined(own), _joined([piece for piece in reading.pieces if piece.inner])


def _joined(pieces: list[Piece]) -> str:
    return "\n\n".join(text for piece in pieces if (text := piece_text(piece).strip("\n")).strip())


def joined_html(reading: Reading) -> str:
    """All of the body as HTML, "" when no piece came as HTML."""
    if not any(piece.html for piece in reading.pieces):
        return ""
    return "\n".join(
        piece.html or f"<p>{html_lib.escape(piece.text).replace(chr(10), '<br>')}</p>" for piece in reading.pieces
    )
