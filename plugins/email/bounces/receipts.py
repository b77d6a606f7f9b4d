"""A bounce in the core's own words."""

from __future__ import annotations

from console.plugin_api.channels import DeliveryReceipt, DeliveryStatus

from ..outbound.ids import key_of
from .model import Action, Bounce, Recipient

STATUS = {
    Action.FAILED: DeliveryStatus.FAILED,
    Action.DELAYED: DeliveryStatus.SENT,
    Action.DELIVERED: DeliveryStatus.DELIVERED,
    Action.RELAYED: DeliveryStatus.SENT,
}


def receipts_of(bounce: Bounce, ours: list[str]) -> list[DeliveryReceipt]:
    """One receipt for each recipient. A report that names neither mail nor address gives none."""
    key = bounce.verp or key_of(bounce.message_id)
    recipients = [one for one in bounce.recipients if one.address not in ours] or bounce.recipients
    return [_receipt(bounce, one, key) for one in recipients if one.address or key or bounce.message_id]


def _receipt(bounce: Bounce, one: Recipient, key: str) -> DeliveryReceipt:
    code = "delayed" if one.action is Action.DELAYED else one.meaning.kind.value
    return DeliveryReceipt(
        status=STATUS[one.action],
        provider_message_id=bounce.message_id,
        delivery_key=key,
        at=bounce.at,
        code=code if one.action in (Action.FAILED, Action.DELAYED) else one.action.value,
        detail=f"{one.meaning.status} {one.diagnostic}".strip()[:1000],
        recipient=one.address,
    )
