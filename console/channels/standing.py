"""How one account stands: what waits, what needs a person, what the fetcher and the sender last met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .models import ChannelAccount, Delivery, DeliveryState, Envelope, EnvelopeStatus

MOST = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One number with its list behind it. `tone` says whether somebody should look."""

    label: Any
    number: int
    tone: str
    link: str

    @property
    def shown(self) -> str:
        return f"{MOST}+" if self.number > MOST else str(self.number)


ENVELOPES = (
    (EnvelopeStatus.PENDING, _("Envelopes waiting to be read"), "info"),
    (EnvelopeStatus.QUARANTINED, _("Envelopes in quarantine"), "danger"),
    (EnvelopeStatus.UNVERIFIED, _("Envelopes not verified"), "warning"),
)
DELIVERIES = (
    (DeliveryState.QUEUED, _("Messages waiting to go out"), "info"),
    (DeliveryState.UNKNOWN, _("Messages that may have been sent"), "warning"),
    (DeliveryState.HELD, _("Messages held"), "warning"),
)


def standing(account: ChannelAccount) -> list[Line]:
    """What is not finished on this account, by kind."""
    return [
        *_lines(account, Envelope.objects.all(), ENVELOPES, "envelope"),
        *_lines(account, Delivery.objects.all(), DELIVERIES, "delivery"),
    ]


def _lines(account: ChannelAccount, rows: QuerySet, kinds: tuple, model: str) -> Iterator[Line]:
    for status, label, tone in kinds:
        found = rows.filter(account=account, status=status).order_by()
        number = found[: MOST + 1].count()
        asked = urlencode({"status__exact": status, "account__id__exact": account.pk})
        link = f"{reverse(f'admin:channels_{model}_changelist')}?{asked}"
        yield Line(label, number, tone if number else "quiet", link)
