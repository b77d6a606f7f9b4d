"""Conversations for tests: they begin as in life, with a message that came in."""

from __future__ import annotations

from typing import Any

from console.channels.models import ChannelAccount
from console.conversations.models import Conversation

from .channels import message_in


def conversation_in(account: ChannelAccount, id: str = "m1", **words: Any) -> Conversation:
    """The conversation a message that comes in now belongs to."""
    return message_in(account, id, **words).entry.conversation
