"""Customers and colleagues as the reader may see them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

CHANNELS = {
    "email": ("mail", _("E-mail")),
    "sms": ("smartphone", _("SMS")),
    "phone": ("phone", _("Phone")),
    "voice": ("phone", _("Phone")),
    "chat": ("message-circle", _("Chat")),
    "webform": ("globe", _("Web form")),
    "wechat": ("message-square", _("WeChat")),
}


@dataclass(frozen=True)
class Channel:
    """A channel as icon and word."""

    kind: str
    icon: str
    label: str


def channel(kind: str) -> Channel:
    icon, label = CHANNELS.get(kind, ("message-square", kind or _("Other")))
    return Channel(kind, icon, str(label))


def named(row: Any) -> str:
    """A configuration row's name in the reader's language, for rows that have no label of their own."""
    return (row.name_en or row.name) if (get_language() or "").startswith("en") else row.name
