"""Raising, clearing and acknowledging alarms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from console.foundation.text.masking import redact

from ..context import Actor
from ..models import Alarm
from ..services.log import emit
from . import notifier
from .registry import kind_of, severity_of


def raise_alarm(
    code: str,
    key: str = "",
    *,
    text: str = "",
    severity: int | str | None = None,
    owner: str = "",
    next_step: str = "",
    data: Mapping[str, Any] | None = None,
) -> Alarm:
    """Open the alarm (code, key), or count one more sighting of the open one.

    What is not given comes from the registered kind. `data` fills the kind's sentences; ids and codes only.
    """
    kind = kind_of(code)
    now = timezone.now()
    given = {
        "severity": severity_of(severity) if severity is not None else kind.severity,
        "text": text[:500],
        "next_step": next_step[:500],
        "owner": owner or kind.owner,
        "params": dict(data or {}),
    }
    key = key[:120]
    if _seen_again(code, key, now, given):
        return Alarm.objects.open().get(code=code, key=key)
    with transaction.atomic():
        made = Alarm.objects.bulk_create(
            [Alarm(code=code, key=key, raised_at=now, last_seen_at=now, **given)], ignore_conflicts=True
        )
        alarm = Alarm.objects.open().get(code=code, key=key)
        if made and alarm.raised_at == now and not alarm.notices.exists():
            emit("alarms", "alarm.raised", _facts(alarm))
            notifier.tell_raised(alarm)
    return alarm


def _seen_again(code: str, key: str, now: datetime, given: dict[str, Any]) -> bool:
    open_one = Alarm.objects.open().filter(code=code, key=key)
    changes = {name: value for name, value in given.items() if value not in ("", {})}
    return bool(open_one.update(last_seen_at=now, count=F("count") + 1, **changes))


def clear_alarm(code: str, key: str = "") -> bool:
    """The cause is healed: close the open alarm (code, key) and say so. False when none was open."""
    with transaction.atomic():
        alarm = Alarm.objects.open().select_for_update().filter(code=code, key=key[:120]).first()
        if alarm is None:
            return False
        alarm.cleared_at = timezone.now()
        alarm.save(update_fields=["cleared_at"])
        emit("alarms", "alarm.cleared", _facts(alarm))
        notifier.tell_cleared(alarm)
    return True


def acknowledge(alarm: Alarm, actor: Actor) -> Alarm:
    """Somebody has taken it: reminders rest. A second acknowledgement changes nothing."""
    now = timezone.now()
    with transaction.atomic():
        mine = Alarm.objects.open().filter(pk=alarm.pk, acknowledged_at__isnull=True)
        if mine.update(acknowledged_at=now, acknowledged_by=str(actor)[:150]):
            emit("alarms", "alarm.acknowledged", _facts(alarm), actor=actor)
    alarm.refresh_from_db()
    return alarm


class HealsByItself(ValueError):
    """This alarm clears when its cause is gone; nobody needs to say so."""


def close_by_hand(alarm: Alarm, actor: Actor, note: str) -> bool:
    """A person has dealt with what no machine can see healed, and says what was done. False when it was closed before.

    Raises HealsByItself for an alarm that is watched, ValueError without a note.
    """
    if not alarm.kind.by_hand:
        raise HealsByItself(alarm.code)
    note = redact(note.strip())[:300]
    if not note:
        raise ValueError("Say what was done.")
    with transaction.atomic():
        found = Alarm.objects.open().filter(pk=alarm.pk)
        if not found.update(cleared_at=timezone.now(), closed_by=str(actor)[:150], closing_note=note):
            return False
        alarm.refresh_from_db()
        emit("alarms", "alarm.closed", _facts(alarm), actor=actor)
        notifier.tell_cleared(alarm)
    return True


def open_alarms() -> QuerySet[Alarm]:
    """What is wrong now, worst first: the banner's query."""
    return Alarm.objects.open().order_by("-severity", "-raised_at")


def _facts(alarm: Alarm) -> dict[str, Any]:
    return {"alarm_id": alarm.pk, "code": alarm.code, "key": alarm.key, "severity": alarm.severity}
