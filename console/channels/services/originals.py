"""The clear words of a masked message: for who may, with a reason, on the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from console.events import emit
from console.foundation.text import clean
from console.foundation.text.masking import mask_text
from console.plugin_api.channels import InboundMessage
from console.staff.access import as_actor, can

from .. import gateway
from ..models import Delivery, Message, OriginalLook
from .intake import short, view_of

MIN_REASON = 4


class NoLook(PermissionError):
    """Not this person, or no reason was given."""


class OriginalGone(LookupError):
    """The original is not kept any more, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Original:
    """A message as it was written."""

    subject: str
    text: str


def view_original(message: Message, user: Any, reason: str) -> Original:
    """Show what a message said before masking. Reads the envelope again through its connector, so: outside
    transactions. Each look is a row with its reason and an event; the words are in neither. Raises NoLook,
    OriginalGone."""
    reason = clean(reason).strip()
    if not can(user, "message.view_original", message) or len(reason) < MIN_REASON:
        raise NoLook(message.pk)
    original = _inbound(message) if message.inbound else _outbound(message)
    with transaction.atomic():
        look = OriginalLook.objects.create(user=user, message=message, reason=mask_text(reason))
        emit(
            f"account:{message.account_id}",
            "message.original_viewed",
            {"message_id": message.pk, "customer_id": message.customer_id, "look_id": look.pk},
            actor=as_actor(user),
            correlation_id=message.correlation_id,
        )
    return original


def _inbound(message: Message) -> Original:
    envelope = message.envelope
    if envelope is None:
        raise OriginalGone(message.pk)
    outcome = gateway.handle(message.account).call("parse", view_of(envelope))
    for item in outcome.value if outcome.ok else ():
        if isinstance(item, InboundMessage) and short(item.provider_message_id, 255) == message.provider_message_id:
            return Original(item.subject, item.text)
    raise OriginalGone(message.pk)


def _outbound(message: Message) -> Original:
    delivery = Delivery.objects.filter(message=message).first()
    if delivery is None or not (delivery.payload or not message.masked):
        raise OriginalGone(message.pk)
    words = delivery.payload or {"subject": message.subject, "text": message.text}
    return Original(words["subject"], words["text"])
