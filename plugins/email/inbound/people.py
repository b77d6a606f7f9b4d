"""Who wrote, and to whom: From, To, Cc, Reply-To, and the address the mail really arrived at."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from console.plugin_api.channels import Address, Participant, ParticipantRole

from ..mime.addresses import Mailbox, normal_address, read_addresses
from ..mime.headers import Headers
from ..mime.structure import Budget
from .threads import arrived_at, plus_token

SENDER_FIELDS = ("from", "sender", "reply-to", "return-path", "x-sender", "x-original-sender")
MOST_PARTICIPANTS = 200
NOWHERE = "sender.invalid"


class People(NamedTuple):
    """The sender, everybody else with their parts, and all addresses of ours the mail was sent to."""

    sender: Address
    participants: tuple[Participant, ...]
    arrived: list[str]


def read_people(headers: Headers, own: list[str], budget: Budget) -> People:
    """Read every address of a header. Never raises; a missing sender gets an address of its own."""
    authors = read_addresses(headers.all_raw("from"))
    if len(authors) > 1:
        budget.note("several_senders")
    sender = authors[0] if authors else _other_sender(headers, budget)
    arrived = arrived_at(headers)
    listed = [
        *((ParticipantRole.FROM, box) for box in authors[1:]),
        *((ParticipantRole.TO, box) for box in read_addresses(headers.all_raw("to"))),
        *((ParticipantRole.CC, box) for box in read_addresses(headers.all_raw("cc"))),
        *((ParticipantRole.BCC, box) for box in read_addresses(headers.all_raw("bcc"))),
    ]
    listed += _hidden(listed, arrived, own)
    replies = read_addresses(headers.all_raw("reply-to"))
    if any(box.address != sender.address for box in replies):
        budget.note("reply_to_differs")
    listed += [(ParticipantRole.REPLY_TO, box) for box in replies]
    named = [box.address for _, box in listed]
    return People(Address(sender.address, sender.name), _unique(listed, own), list(dict.fromkeys([*arrived, *named])))


def _other_sender(headers: Headers, budget: Budget) -> Mailbox:
    for name in SENDER_FIELDS[1:]:
        found = read_addresses(headers.all_raw(name))
        if found:
            return found[0]
    budget.note("sender_missing")
    mark = hashlib.sha256(b"\0".join(value for name, value in headers.fields if name != "received")).hexdigest()[:16]
    return Mailbox(f"unknown-{mark}@{NOWHERE}", headers.text("from")[:200])


def _hidden(
    listed: list[tuple[ParticipantRole, Mailbox]], arrived: list[str], own: list[str]
) -> list[tuple[ParticipantRole, Mailbox]]:
    """Our address in the envelope but in no field: we got a blind copy."""
    shown = {bare(box.address, own) for _, box in listed}
    return [(ParticipantRole.BCC, Mailbox(address)) for address in arrived if bare(address, own) not in shown]


def bare(address: str, own: list[str]) -> str:
    """One of our addresses without its token; any other as it is."""
    mine = next((mine for mine in own if plus_token(address, mine)), "")
    return normal_address(mine) or address


def _unique(listed: list[tuple[ParticipantRole, Mailbox]], own: list[str]) -> tuple[Participant, ...]:
    found: dict[tuple[ParticipantRole, str], Participant] = {}
    for role, box in listed[:MOST_PARTICIPANTS]:
        address = bare(box.address, own)
        found.setdefault((role, address), Participant(role, Address(address, box.name)))
    return tuple(found.values())
