"""What may tell which conversation a mail belongs to. Only hints: the core checks signature and sender."""

from __future__ import annotations

import re

from console.plugin_api.channels import ThreadHints

from ..mime.addresses import normal_address, read_addresses
from ..mime.headers import Headers

MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
BARE_ID = re.compile(r"([^<>\s,;\"']{3,400}@[^<>\s,;\"']{1,255})")
SUBJECT_TAG = re.compile(r"\[#\s*([A-Za-z0-9][A-Za-z0-9._-]{0,120})\s*\]")
DELIVERED_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "apparently-to")
MOST_REFERENCES = 100
MOST_TOKENS = 10


def message_ids(value: str) -> list[str]:
    """Message ids in a field, without brackets, in order; broken ones without brackets count too."""
    found = MESSAGE_ID.findall(value) or BARE_ID.findall(value)
    return list(dict.fromkeys(found))[:MOST_REFERENCES]


def arrived_at(headers: Headers) -> list[str]:
    """Addresses the mail was really delivered to, as our own servers wrote them."""
    found = (box.address for name in DELIVERED_FIELDS for box in read_addresses(headers.all_raw(name)))
    return list(dict.fromkeys(found))


def plus_token(address: str, own: str) -> str:
    """What stands behind the plus of one of our addresses, "" otherwise."""
    local, _, domain = normal_address(address).rpartition("@")
    own_local, _, own_domain = normal_address(own).rpartition("@")
    prefix = f"{own_local.partition('+')[0]}+"
    return local[len(prefix) :] if local.startswith(prefix) and domain == own_domain and own_local else ""


def read_hints(headers: Headers, recipients: list[str], own: list[str], subject: str) -> ThreadHints:
    """All hints of a mail: ids it answers to, tokens of plus-addresses first, then what stands in subject tags."""
    replies = message_ids(headers.text("in-reply-to"))
    references = message_ids(" ".join(headers.all_text("references")))
    tokens = [token for address in recipients for mine in own if (token := plus_token(address, mine))]
    tokens += SUBJECT_TAG.findall(subject)
    return ThreadHints(
        in_reply_to=replies[0] if replies else "",
        references=tuple(dict.fromkeys([*references, *replies]))[-MOST_REFERENCES:],
        tokens=tuple(dict.fromkeys(tokens))[:MOST_TOKENS],
    )
