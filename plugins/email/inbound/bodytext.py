"""The body as the agent gets it: text without quotes, quotes beside it, safe HTML, files, explanations."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.plugin_api.channels import InboundAttachment

from ..content.bodies import Reading, joined_html, own_and_inner_text, read_bodies
from ..content.clean import clean_html
from ..content.files import FileBox
from ..content.quotes import split_reply
from ..content.render import html_to_text
from ..content.signature import split_signature
from ..mime.structure import Budget, Part

NO_HTML = re.compile(
    r"(?:does not|doesn't|not) (?:support|display|view)[^.\n]{0,40}html"
    r"|html[^.\n]{0,40}(?:not supported|capable|compatible)|不支持\s*html|以html格式",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What was found in a mail beside its header."""

    text: str
    quoted: str
    signature: str
    html: str
    attachments: tuple[InboundAttachment, ...]
    explained: tuple[str, ...]


def read_body(root: Part, budget: Budget, subject: str) -> Body:
    """Read everything below the header. Never raises; an empty text is explained."""
    reading = Reading(budget, FileBox(budget))
    read_bodies(root, reading)
    for piece in reading.pieces:
        if piece.html and len(piece.text) < 400 and NO_HTML.search(piece.text):
            piece.text = ""
    html = joined_html(reading)
    cleaned = clean_html(html) if html else None
    if cleaned and cleaned.blocked:
        budget.note("remote_images_blocked")
    own, inner = own_and_inner_text(reading)
    reply = split_reply(own, subject)
    text, quoted = reply.text.strip(), reply.quoted
    if not text and cleaned and not any(piece.text.strip() for piece in reading.pieces):
        text = html_to_text(html)
    signed = split_signature(text)
    files = tuple(reading.files.files)
    return Body(
        text=_explained("\n\n".join(part for part in (signed.text, inner) if part.strip()), files, reading, budget),
        quoted="\n\n".join(part for part in (signed.signature, quoted) if part),
        signature=signed.signature,
        html=cleaned.html if cleaned else "",
        attachments=files,
        explained=tuple(reading.explained),
    )


def _explained(text: str, files: tuple[InboundAttachment, ...], reading: Reading, budget: Budget) -> str:
    """Text, or why there is none."""
    sentences = list(dict.fromkeys(reading.explained))
    if not text.strip() and not sentences:
        if files:
            sentences.append(
                ngettext(
                    "No text, only %(count)d file: %(names)s", "No text, only %(count)d files: %(names)s", len(files)
                )
                % {"count": len(files), "names": ", ".join(file.name for file in files[:5])}
            )
        else:
            budget.note("empty")
            sentences.append(_("This mail has no text."))
    return "\n\n".join([*(f"[{sentence}]" for sentence in sentences), *([text] if text.strip() else [])])
