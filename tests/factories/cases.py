"""Cases for tests: `cn_bank()` applies the shipped preset, `make_case("complaint")` opens a case in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from console.cases import config, services
from console.cases.models import Case
from console.channels.models import ChannelAccount, Message
from console.conversations.models import Conversation, Entry
from console.events import Actor
from console.lowcode.blueprints import bundle
from console.lowcode.blueprints import services as blueprints

from .customers import make_customer
from .replay import Recording

PRESET = Path(settings.BASE_DIR) / "fixtures" / "blueprints" / "cn-bank.yaml"
recorded: list[Recording] = []


def cn_bank() -> None:
    """The shipped preset: applied once a run, its rows put back for each test that asks."""
    config.forget()
    if recorded and connection.in_atomic_block:
        recorded[0].replay()
    else:
        apply_cn_bank()


def apply_cn_bank() -> None:
    loaded = bundle.load(PRESET.read_text())
    blueprints.apply(bundle.Bundle(loaded.name, "1", {}, loaded.sections), Actor("system"), reason="test")


def record_cn_bank() -> None:
    """Called once the test database stands. A test that commits empties the tables, and applies the preset itself."""
    recorded.append(Recording(apply_cn_bank))
    config.forget()


def make_account(**values: Any) -> ChannelAccount:
    number = ChannelAccount.objects.count() + 1
    return ChannelAccount.objects.create(
        **{
            "connector": "email",
            "channel_kind": "email",
            "name": f"mailbox {number}",
            "address": f"service{number}@bank.example",
            "state": "active",
        }
        | values
    )


def make_message(conversation: Conversation | None = None, **values: Any) -> Message:
    """An inbound message standing in a conversation's timeline."""
    now = timezone.now()
    account = values.pop("account", None) or getattr(conversation, "account", None) or make_account()
    customer = values.pop("customer", None) or getattr(conversation, "customer", None) or make_customer()
    message = Message.objects.create(
        **{
            "account": account,
            "customer": customer,
            "direction": "in",
            "subject": "小额免密关不掉",
            "text": "请帮我关闭小额免密支付。",
            "reached_at": now,
            "occurred_at": now,
            "correlation_id": "test",
        }
        | values
    )
    if conversation is None:
        conversation = Conversation.objects.create(customer=customer, account=account, subject=message.subject)
    Entry.objects.create(conversation=conversation, kind="message", message=message, at=now, inbound=True)
    return message


def make_case(type: str = "complaint", reached_at: datetime | None = None, **values: Any) -> Case:
    """A case that a message opened; `cn_bank()` must have been applied."""
    message = values.pop("message", None) or make_message(reached_at=reached_at or timezone.now())
    conversation = message.entry.conversation
    return services.open_case(type, message.customer, conversation, message, **values)
