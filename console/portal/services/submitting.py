"""A form becomes an envelope on a form account: stored first, read afterwards, like any mail."""

from __future__ import annotations

import hashlib

from console.channels import gateway
from console.channels.models import ChannelAccount, Envelope, Origin
from console.channels.models.account import WORKING
from console.channels.services import accept
from console.plugin_api.submissions import Submission, pack

CONNECTOR = "webform"
TRAP = "trap"


class Closed(LookupError):
    """No form account is open."""


def account_for(touchpoint: str = "") -> ChannelAccount:
    """The form account of a touchpoint, else the first one open. Raises Closed."""
    rows = ChannelAccount.objects.filter(connector=CONNECTOR, state__in=WORKING).select_related("touchpoint", "site")
    found = sorted(rows, key=lambda row: (getattr(row.touchpoint, "code", "") != touchpoint, row.pk))
    if not found:
        raise Closed
    return found[0]


def limits_of(account: ChannelAccount) -> dict[str, int]:
    """How big one file and all of them may be."""
    able = gateway.capabilities(account)
    return {"biggest": able.max_media_bytes, "total": able.max_total_bytes}


def submit(account: ChannelAccount, submission: Submission) -> Envelope:
    """Store what a customer sent. The same form with the same words, however often it is sent, is one envelope.

    Whatever the database or the disk raises goes to the caller: nothing was taken in, and the page says so.
    """
    raw = pack(submission)
    digest = hashlib.sha256(raw).hexdigest()[:24]
    return accept(account, raw, provider_ref=f"form:{submission.form}:{digest}", origin=Origin.FORM)
