"""The machine-readable part of a delivery report (RFC 3464)."""

from __future__ import annotations

import re

from ..mime.addresses import normal_address
from ..mime.headers import Headers, read_block
from ..mime.structure import Part
from .codes import meaning
from .model import Action, Recipient

STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status", "text/delivery-status"}
BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
RECIPIENT_FIELDS = (
    "original-recipient",
    "x-original-recipient",
    "final-recipient",
    "x-actual-recipient",
    "remote-recipient",
)
MOST = 200


def read_status(root: Part) -> list[Recipient]:
    """One entry for each recipient the report has fields for. Never raises."""
    found: dict[str, Recipient] = {}
    for part in root.walk():
        if part.type in STATUS_TYPES:
            for group in _groups(part):
                recipient = _recipient(group)
                if recipient and len(found) < MOST:
                    found[recipient.address] = recipient
    return list(found.values())


def _groups(part: Part) -> list[Headers]:
    data = part.decoded(text=True).data[:512_000]
    groups = [read_block(block, 0, len(block)).headers for block in BLANK.split(data) if block.strip()]
    return [group for group in groups if group.names() & {"final-recipient", "original-recipient", "action", "status"}]


def _recipient(group: Headers) -> Recipient | None:
    address = next((found for name in RECIPIENT_FIELDS if (found := _address(group.text(name)))), "")
    action = _action(group.text("action"), group.text("status"))
    if not address and not group.text("diagnostic-code"):
        return None
    diagnostic = group.text("diagnostic-code") or group.text("x-notes") or group.text("x-display-name")
    what = meaning(group.text("status"), diagnostic, permanent=action is not Action.DELAYED)
    return Recipient(address=address, action=action, meaning=what, diagnostic=diagnostic[:1000])


def _address(value: str) -> str:
    """`rfc822; user@host`, with or without type, brackets, quotes."""
    text = value.rpartition(";")[2].strip().strip("<>\"' ")
    return normal_address(text.split()[0].strip("<>") if text else "")


def _action(value: str, status: str) -> Action:
    word = value.strip().lower().split(" ")[0].strip("().;")
    if word in ("delivered", "relayed", "expanded"):
        return Action.DELIVERED if word == "delivered" else Action.RELAYED
    if word == "delayed":
        return Action.DELAYED
    if not word and status.strip().startswith("2."):
        return Action.DELIVERED
    return Action.FAILED
