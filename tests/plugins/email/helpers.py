"""Short words for tests about mail."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from django.utils import translation

from console.plugin_api.channels import (
    AccountView,
    Address,
    DeliveryReceipt,
    EnvelopeView,
    InboundMessage,
    OutboundMessage,
    Participant,
    ParticipantRole,
    Secrets,
)
from plugins.email.channel import EmailConnector
from plugins.email.inbound.read import Mailroom, read_mail

OWN = "service@bank.test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Store(dict):
    """`ctx.store` in memory."""

    def set(self, key: str, value: Any, *, seconds: float | None = None) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


LOCKS: dict[str, threading.Lock] = defaultdict(threading.Lock)


def context(**more: Any) -> SimpleNamespace:
    """What the host lends, as plain objects."""
    clock = SimpleNamespace(now=lambda: NOW, monotonic=time.monotonic)
    facts = {"clock": clock, "remaining": lambda: 30.0, "store": Store(), "lock": lambda name, **_: LOCKS[name]}
    return SimpleNamespace(**{**facts, **more})


def connector(
    secrets: dict[str, str] | None = None, ctx: SimpleNamespace | None = None, **config: Any
) -> EmailConnector:
    """A connector for service@bank.test."""
    account = AccountView(
        ref="acc-1", name="Bank", config={"address": OWN, **config}, secrets=Secrets(secrets or {}), language="en"
    )
    return EmailConnector(account, ctx or context())


def read(raw: bytes, **room: Any) -> list:
    """Everything in one raw mail."""
    reached = room.pop("reached_at", NOW)
    headers = room.pop("headers", {})
    with translation.override("en"):
        return read_mail(EnvelopeView(raw=raw, reached_at=reached, headers=headers), Mailroom(own=[OWN], **room))


def message(raw: bytes, **room: Any) -> InboundMessage:
    """The one message in a raw mail."""
    found = [one for one in read(raw, **room) if isinstance(one, InboundMessage)]
    assert len(found) == 1
    return found[0]


def receipts(raw: bytes) -> list[DeliveryReceipt]:
    """Receipts in a raw mail."""
    return [one for one in read(raw) if isinstance(one, DeliveryReceipt)]


def codes(one: InboundMessage) -> set[str]:
    """Codes of the notes of a message."""
    return {note["code"] for note in one.meta["notes"]}


def mail(body: bytes | str = b"hello", *, charset: str = "utf-8", **fields: str) -> bytes:
    """A raw mail; fields by name with underscores, an empty one is left out."""
    head = {
        "From": "Zhang San <customer@bank.test>",
        "To": OWN,
        "Subject": "test",
        "Message-ID": "<m1@cust.test>",
        "Date": "Sun, 22 Nov 2026 15:00:00 +0800",
        "MIME-Version": "1.0",
        "Content-Type": f"text/plain; charset={charset}",
        "Content-Transfer-Encoding": "8bit",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value).encode("utf-8", "surrogateescape")
    return lines + b"\r\n" + (body.encode(charset) if isinstance(body, str) else body)


def multipart(kind: str, *parts: bytes, boundary: str = "b1", **fields: str) -> bytes:
    """A raw mail of several parts, each with its own head."""
    body = (
        b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--"
        + boundary.encode()
        + b"--\r\n"
    )
    return mail(
        body, **{"Content_Type": f'multipart/{kind}; boundary="{boundary}"', "Content_Transfer_Encoding": "", **fields}
    )


def part(body: bytes | str, content_type: str = "text/plain; charset=utf-8", **fields: str) -> bytes:
    """One part of a mail."""
    head = "".join(
        f"{name.replace('_', '-')}: {value}\r\n" for name, value in {"Content_Type": content_type, **fields}.items()
    )
    return head.encode() + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def outbound(key: str = "k1", to: str = "customer@bank.test", **more: Any) -> OutboundMessage:
    """A message to send."""
    recipients = more.pop("recipients", (Participant(ParticipantRole.TO, Address(to, "张三")),))
    return OutboundMessage(key=key, recipients=recipients, **{"subject": "您的来信", "text": "已收到。", **more})
