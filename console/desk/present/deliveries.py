"""What became of something we sent: a word, an icon, and the next step when it did not arrive."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from .clocks import moment

LOOKS = {
    "queued": ("clock", ""),
    "sending": ("loader-circle", ""),
    "sent": ("check", ""),
    "delivered": ("check-check", "green"),
    "read": ("check-check", "green"),
    "failed": ("circle-x", "red"),
    "unknown": ("circle-question-mark", "amber"),
    "held": ("pause", "amber"),
    "cancelled": ("undo-2", ""),
}


@dataclass(frozen=True)
class DeliveryLabel:
    """Status of a delivery, ready to show."""

    label: str
    icon: str
    tone: str = ""
    history: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    next_step: str = ""
    next_url: str = ""
    next_label: str = ""
    cancel_url: str = ""


def problem(delivery: Any, bounced: bool) -> tuple[str, str]:
    """What went wrong and what to do, in words; empty when all is well."""
    reason = f" {delivery.reason}" if delivery.reason else ""
    if delivery.status == "failed" and bounced:
        return _("This came back.") + reason, _("Check the address with the customer, or use another channel.")
    if delivery.status == "failed":
        return _("This was not accepted.") + reason, _("Correct what is named and send it again.")
    if delivery.status == "unknown":
        return (
            _("Nobody knows whether this arrived: the connection broke while it was being sent."),
            _("Look in the sent folder or ask the customer; then decide it. It is never sent twice by itself."),
        )
    if delivery.status == "held":
        return _("This is held back.") + reason, _("It goes out when the reason is gone.")
    return "", ""


def label(delivery: Any, user_may_decide: bool, cancel_url: str = "") -> DeliveryLabel:
    """The delivery of an outbound message; its receipts come prefetched."""
    receipts = list(delivery.receipts.all())
    bounced = any(receipt.status == "failed" for receipt in receipts)
    icon, tone = LOOKS.get(delivery.status, ("circle", ""))
    text = delivery.get_status_display()
    if delivery.status == "failed" and bounced:
        text = _("Came back")
    waiting = delivery.status == "queued" and delivery.not_before and delivery.not_before > timezone.now()
    if waiting:
        text = _("Goes out at %(time)s") % {"time": timezone.localtime(delivery.not_before).strftime("%H:%M:%S")}
    wrong, step = problem(delivery, bounced)
    url = _decide_url(delivery) if delivery.status == "unknown" and user_may_decide else ""
    return DeliveryLabel(
        label=text,
        icon=icon,
        tone=tone,
        history=[
            (moment(receipt.at), f"{receipt.status} {receipt.code} {receipt.detail}".strip()) for receipt in receipts
        ],
        problem=wrong,
        next_step=step,
        next_url=url,
        next_label=_("Decide it") if url else "",
        cancel_url=cancel_url if waiting else "",
    )


def _decide_url(delivery: Any) -> str:
    try:
        return reverse("admin:channels_delivery_change", args=[delivery.pk])
    except NoReverseMatch:
        return ""
