"""News about what we sent: they may come early, late, twice or in any order, and only ever move a status forward."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from console.customers.normal import address_hash
from console.events import emit
from console.foundation.text.masking import redact
from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus

from ..models import ChannelAccount, Delivery, DeliveryState, Envelope, MessageParticipant, Receipt, Role
from ..tokens import key_in
from .intake import short
from .suppression import suppress

RANK = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.UNKNOWN: 1,
    DeliveryState.SENT: 2,
    DeliveryState.DELIVERED: 3,
    DeliveryState.READ: 4,
}
# A bounce that names only the recipient belongs to what was last sent there.
BOUNCE_WINDOW = timedelta(days=6)
EVENTS = {
    DeliveryState.SENT: "delivery.accepted",
    DeliveryState.DELIVERED: "delivery.delivered",
    DeliveryState.READ: "delivery.read",
    DeliveryState.FAILED: "delivery.failed",
}


def apply_receipt(account: ChannelAccount, receipt: DeliveryReceipt, envelope: Envelope | None = None) -> Receipt:
    """Keep a receipt and let it move its delivery. One that names nothing we know waits for the send to return."""
    with transaction.atomic():
        delivery = _delivery_of(account, receipt)
        row = Receipt.objects.create(
            account=account,
            delivery=delivery,
            envelope=envelope,
            provider_message_id=short(receipt.provider_message_id, 255),
            delivery_key=receipt.delivery_key[:64],
            status=str(receipt.status)[:10],
            at=receipt.at or timezone.now(),
            code=receipt.code[:60],
            detail=redact(receipt.detail)[:500],
            recipient_hash=_hash(account, receipt.recipient),
        )
        if delivery is not None:
            _move(delivery, row)
    return row


def match_waiting(deliveries: Sequence[Delivery]) -> int:
    """The sends have returned with the provider's ids: apply what came before they did. Returns how much there was."""
    named = {(row.account_id, row.provider_message_id): row for row in deliveries if row.provider_message_id}
    waiting = Receipt.objects.filter(
        account_id__in={account_id for account_id, _ in named},
        provider_message_id__in={name for _, name in named},
        delivery__isnull=True,
    ).order_by("at", "pk")
    rows = [row for row in waiting if (row.account_id, row.provider_message_id) in named] if named else []
    for row in rows:
        row.delivery = named[row.account_id, row.provider_message_id]
        row.save(update_fields=["delivery"])
        _move(row.delivery, row)
    return len(rows)


def _delivery_of(account: ChannelAccount, receipt: DeliveryReceipt) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",))
    if receipt.delivery_key:
        found = rows.filter(key=receipt.delivery_key[:32]).first()
        if found is not None:
            return found
    if receipt.provider_message_id:
        named = short(receipt.provider_message_id, 255)
        found = rows.filter(account__connector=account.connector, provider_message_id=named).order_by("-pk").first()
        key = key_in(named)
        return found or (rows.filter(key=key).first() if key else None)
    return _last_to(account, receipt) if receipt.recipient else None


def _last_to(account: ChannelAccount, receipt: DeliveryReceipt) -> Delivery | None:
    since = (receipt.at or timezone.now()) - BOUNCE_WINDOW
    people = MessageParticipant.objects.filter(identity__address_hash=_hash(account, receipt.recipient))
    rows = Delivery.objects.filter(
        account__connector=account.connector,
        created_at__gte=since,
        status__in=(*RANK, DeliveryState.FAILED),
        message_id__in=people.values("message_id"),
    )
    pk = rows.order_by("-pk").values_list("pk", flat=True).first()
    return Delivery.objects.select_for_update(of=("self",)).get(pk=pk) if pk else None


def _move(delivery: Delivery, row: Receipt) -> None:
    """Apply one receipt to a locked delivery."""
    if row.status == DeliveryStatus.FAILED:
        _fail(delivery, row)
    elif _forward(delivery, row):
        _set(delivery, row, DeliveryState(row.status))


def _forward(delivery: Delivery, row: Receipt) -> bool:
    """Later steps win; a failure is only undone by news that is younger than it and proves arrival."""
    if row.status not in RANK or row.status == DeliveryState.UNKNOWN:
        return False
    if delivery.status == DeliveryState.FAILED:
        return RANK[row.status] >= RANK[DeliveryState.DELIVERED] and row.at > delivery.status_at
    return RANK.get(delivery.status, 9) < RANK[row.status]


def _fail(delivery: Delivery, row: Receipt) -> None:
    """A bounce. For the one the message is for it fails the delivery; for a copy it is told and kept."""
    if row.recipient_hash and _hard(row):
        suppress(delivery, row.recipient_hash, row.code or row.detail)
    elif _hard(row) and delivery.identity_id:
        suppress(delivery, delivery.identity.address_hash, row.code or row.detail)
    whole = not row.recipient_hash or _is_main(delivery, row.recipient_hash)
    _emit(delivery, "delivery.bounced", row, partial=not whole)
    over = delivery.status in (DeliveryState.FAILED, DeliveryState.READ, DeliveryState.CANCELLED)
    # A failed try that is told late undoes no arrival after it.
    outdated = delivery.status == DeliveryState.DELIVERED and row.at < delivery.status_at
    if whole and not over and not outdated:
        _set(delivery, row, DeliveryState.FAILED)


def _set(delivery: Delivery, row: Receipt, status: DeliveryState) -> None:
    delivery.status = status
    delivery.status_at = row.at if row.at <= timezone.now() else timezone.now()
    delivery.next_attempt_at = delivery.lease_until = None
    delivery.reason = (row.detail or row.code)[:300] if status == DeliveryState.FAILED else ""
    delivery.sent_at = delivery.sent_at or (row.at if status != DeliveryState.FAILED else None)
    fields = ["status", "status_at", "next_attempt_at", "lease_until", "reason", "sent_at"]
    if row.provider_message_id and not delivery.provider_message_id:
        delivery.provider_message_id = row.provider_message_id
        fields.append("provider_message_id")
    delivery.save(update_fields=fields)
    row.moved = True
    row.save(update_fields=["moved"])
    _emit(delivery, EVENTS[status], row)


def _emit(delivery: Delivery, type_: str, row: Receipt, **more: object) -> None:
    emit(
        f"account:{delivery.account_id}",
        type_,
        {
            "delivery_id": delivery.pk,
            "message_id": delivery.message_id,
            "receipt_id": row.pk,
            "send_class": delivery.send_class,
            "code": _code(row.code),
            **more,
        },
        correlation_id=delivery.correlation_id,
    )


def _is_main(delivery: Delivery, recipient_hash: str) -> bool:
    """Whether the address is one the message was for, not a copy. An address we do not know is taken for it."""
    roles = MessageParticipant.objects.filter(
        message_id=delivery.message_id, identity__address_hash=recipient_hash
    ).values_list("role", flat=True)
    return not roles or Role.TO in roles


def _hard(row: Receipt) -> bool:
    """A failure for good: enhanced status 5.1.x / 5.2.1 or the like; a full mailbox is none."""
    code = row.code.strip().lower()
    return code.startswith(("5.1.", "5.4.4", "5.2.1", "550", "hard", "no_such", "unknown_user", "bad_address", "moved"))


def _hash(account: ChannelAccount, recipient: str) -> str:
    return address_hash(account.channel_kind, recipient) if recipient else ""


def _code(code: str) -> str:
    return "".join(char for char in code if char.isascii() and (char.isalnum() or char in "._-"))[:60]
