"""Channels for tests: accounts on the in-test connectors, and mail that came in over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import factory

from console.channels.drafts import Draft, Recipient
from console.channels.models import ChannelAccount, Delivery, Envelope, Message, Origin
from console.channels.services import accept, parse_pending, send
from console.customers.models import Identity
from console.customers.services.identities import resolve_identity
from console.events import Actor

WIRE = (Path(__file__).resolve().parents[1] / "console" / "channels" / "plugins", "tests.console.channels.plugins")
SYSTEM = Actor("system")
AGENT = Actor("staff", "1", "agent")


class AccountFactory(factory.django.DjangoModelFactory):
    """A working mailbox on the wire."""

    class Meta:
        model = ChannelAccount

    connector = "email_wire"
    channel_kind = "email"
    name = factory.Sequence(lambda n: f"mailbox {n}")
    address = factory.Sequence(lambda n: f"service{n}@bank.example")
    state = "active"


def sms_account(**values: Any) -> ChannelAccount:
    return AccountFactory(connector="sms_wire", channel_kind="sms", address="95599", **values)


def chat_account(**values: Any) -> ChannelAccount:
    return AccountFactory(connector="chat_wire", channel_kind="chat", **values)


def take_in(account: ChannelAccount, id: str, **words: Any) -> Envelope:
    """An envelope stored and parsed."""
    from tests.console.channels.plugins.wire.plugin import body

    envelope = accept(account, body(id, **words), origin=Origin.POLL)
    parse_pending()
    envelope.refresh_from_db()
    return envelope


def message_in(account: ChannelAccount, id: str, **words: Any) -> Message:
    """The message of an envelope stored and parsed."""
    return take_in(account, id, **words).messages.get()


def address_of(account: ChannelAccount, value: str) -> Identity:
    return resolve_identity(account.channel_kind, account, value)


def draft_to(account: ChannelAccount, *addresses: str, text: str = "您好,已受理。", **more: Any) -> Draft:
    people = tuple(Recipient(address_of(account, value)) for value in addresses)
    return Draft(account=account, recipients=people, text=text, **more)


def queued(
    account: ChannelAccount, address: str = "lin@customer.example", actor: Actor = AGENT, **more: Any
) -> Delivery:
    return send(draft_to(account, address, **more), actor)
