"""Reports that are neither messages nor bounces: read receipts and complaints from feedback loops."""

from __future__ import annotations

from console.plugin_api.channels import ChannelNotice

from ..mime.headers import Headers, read_block
from ..mime.structure import MESSAGE_TYPES, Part
from .threads import message_ids

KINDS = {"message/disposition-notification": "read_receipt", "message/feedback-report": "spam_complaint"}


def notice_of(root: Part) -> ChannelNotice | None:
    """The notice in a report, None when the mail is something else."""
    if root.type != "multipart/report":
        return None
    for part in root.walk()[:30]:
        kind = KINDS.get(part.type)
        if kind:
            fields = _fields(part)
            return ChannelNotice(
                kind=kind,
                detail=fields.text("disposition") or fields.text("feedback-type"),
                address=_address(fields),
                meta={"message_id": _original(root, fields)},
            )
    return None


def _fields(part: Part) -> Headers:
    data = part.decoded(text=True).data[:65536]
    return read_block(data, 0, len(data), top=True).headers


def _address(fields: Headers) -> str:
    value = fields.text("original-recipient") or fields.text("final-recipient") or fields.text("original-rcpt-to")
    return value.rpartition(";")[2].strip().strip("<>")[:320]


def _original(root: Part, fields: Headers) -> str:
    ids = message_ids(fields.text("original-message-id"))
    if not ids:
        inner = next((part.children[0] for part in root.walk() if part.type in MESSAGE_TYPES and part.children), None)
        ids = message_ids(inner.headers.text("message-id")) if inner else []
    return ids[0] if ids else ""
