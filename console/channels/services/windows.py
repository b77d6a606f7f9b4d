"""Reply windows: on some channels an act of the customer allows so many answers for so long, and the provider counts.

We count with it, per account and address, and never more generously: an answer is counted when it is queued, in the
same transaction, by one conditional update, so the last one goes to one of two agents. It is given back, once, when
the provider certainly did not take it. An act gives the larger count and the later end; answers queued after the act
but before we read of it are counted against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .. import gateway
from ..models import AnswerSlot, AnswerWindow, Delivery
from .preparing import Prepared

CLOSED, USED_UP = "window_closed", "window_used_up"
ANY_NUMBER = 1_000_000
KEPT = timedelta(days=7)


def note_acts(fresh: Iterable[Prepared]) -> None:
    """What these new messages allow, inside the transaction that stores them."""
    acts = []
    for one in fresh:
        rules = {rule.act: rule for rule in gateway.capabilities(one.account).reply_windows} if one.item.opens else {}
        if rule := rules.get(one.item.opens):
            address = one.message.identity.address_hash
            at = min(one.message.occurred_at, one.message.reached_at)
            acts.append((one.account.pk, address, rule.answers or ANY_NUMBER, at, at + timedelta(seconds=rule.seconds)))
    # In one order for everybody: two workers wait for each other at most once.
    for account_id, address, answers, at, until in sorted(acts):
        note_act(account_id, address, answers, at, until)


def note_act(account_id: int, address: str, answers: int, at: datetime, until: datetime) -> None:
    """An act at `at` allows so many answers until `until`."""
    now = timezone.now()
    if until <= now:
        return
    AnswerWindow.objects.get_or_create(account_id=account_id, address_hash=address, defaults={"expires_at": at})
    row = AnswerWindow.objects.select_for_update().get(account_id=account_id, address_hash=address)
    since = row.slots.filter(taken_at__gt=at)
    answers = max(answers - since.count(), 0)
    open_now = row.expires_at > now
    if not open_now or answers > row.left:
        row.left, row.turn = answers, row.turn + 1
        since.update(turn=row.turn)
    row.expires_at = max(row.expires_at, until) if open_now else until
    row.save(update_fields=["left", "turn", "expires_at"])


def take(account_id: int, address: str) -> AnswerWindow | None:
    """Count one answer, in the caller's transaction; None when there is none left."""
    rows = AnswerWindow.objects.filter(account_id=account_id, address_hash=address)
    if not rows.filter(left__gt=0, expires_at__gt=timezone.now()).update(left=F("left") - 1):
        return None
    return rows.get()


def assign(window: AnswerWindow, delivery: Delivery) -> None:
    """Say which delivery an answer was counted for."""
    AnswerSlot.objects.create(window=window, delivery=delivery, turn=window.turn)


def give_back(delivery: Delivery, code: str = "") -> None:
    """The provider certainly did not take it. When it refused because of its own count, that count is believed."""
    if not counts(delivery):
        return
    with transaction.atomic():
        window = AnswerWindow.objects.select_for_update(of=("self",)).filter(slots__delivery=delivery).first()
        slot = AnswerSlot.objects.filter(delivery=delivery).first()
        if window is None or slot is None:
            return
        slot.delete()
        if code == CLOSED:
            window.expires_at = min(window.expires_at, timezone.now())
        elif code == USED_UP:
            window.left = 0
        elif slot.turn == window.turn:
            window.left += 1
        window.save(update_fields=["left", "expires_at"])


def still_open(delivery: Delivery) -> bool:
    """Whether the answer was counted and its window has not ended since."""
    return AnswerSlot.objects.filter(delivery=delivery, window__expires_at__gt=timezone.now()).exists()


def counts(delivery: Delivery) -> bool:
    """Whether the channel of this delivery counts its answers."""
    return bool(gateway.capabilities(delivery.account).reply_windows)


def forget_old() -> int:
    """Periodic: windows that ended long ago, and what was counted long ago."""
    before = timezone.now() - KEPT
    AnswerSlot.objects.filter(taken_at__lt=before).delete()
    return AnswerWindow.objects.filter(expires_at__lt=before, slots__isnull=True).delete()[0]
