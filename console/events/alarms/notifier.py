"""Telling people outside the hub: one notice when an alarm is raised, reminders, one when it clears."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from fnmatch import fnmatchcase

from django.db.models import Q
from django.utils import timezone

from console.foundation.errors import told
from console.foundation.work import BATCH, claim, postpone, ring, settle

from ..models import Alarm, AlarmNotice, AlarmRoute
from . import senders

log = logging.getLogger(__name__)
PUMP = "alarms"
SENT, MOOT = "sent", "moot"


def wants(route: AlarmRoute, alarm: Alarm) -> bool:
    """Whether this route carries this alarm."""
    patterns = [item.strip() for item in route.codes.split(",") if item.strip()] or ["*"]
    return (
        alarm.severity >= route.min_severity
        and (not route.owner or route.owner == alarm.owner)
        and any(fnmatchcase(alarm.code, pattern) for pattern in patterns)
    )


def tell_raised(alarm: Alarm) -> None:
    """One notice a route, due after the route's grace."""
    now = timezone.now()
    _write(
        AlarmNotice(
            alarm=alarm,
            route=route,
            kind=AlarmNotice.RAISED,
            next_attempt_at=now + timedelta(minutes=route.grace_minutes),
        )
        for route in AlarmRoute.objects.filter(active=True)
        if wants(route, alarm)
    )


def tell_cleared(alarm: Alarm) -> None:
    """Routes that were told get the all-clear; what was not sent yet is not sent any more."""
    waiting = alarm.notices.filter(sent_at__isnull=True, next_attempt_at__isnull=False, attempts=0)
    waiting.update(status=MOOT, next_attempt_at=None)
    told = alarm.notices.filter(kind=AlarmNotice.RAISED).exclude(status=MOOT)
    routes = AlarmRoute.objects.filter(pk__in=told.values("route"), active=True)
    _write(AlarmNotice(alarm=alarm, route=route, kind=AlarmNotice.CLEARED) for route in routes)


def remind() -> int:
    """Write the reminders that have come due; how many. Acknowledged alarms rest. A periodic duty."""
    now = timezone.now()
    alarms = list(Alarm.objects.open().filter(acknowledged_at__isnull=True))
    routes = list(AlarmRoute.objects.filter(active=True, remind_minutes__gt=0))
    due = []
    for alarm in alarms:
        for route in routes:
            number = int((now - alarm.raised_at) / timedelta(minutes=route.remind_minutes))
            if number and wants(route, alarm):
                due.append(AlarmNotice(alarm=alarm, route=route, kind=AlarmNotice.REMINDER, number=number))
    return _write(due)


def _write(notices: Iterable[AlarmNotice]) -> int:
    rows = list(notices)
    if rows:
        # A reminder of this number may stand already: the unique key keeps it single.
        AlarmNotice.objects.bulk_create(rows, ignore_conflicts=True)
        ring(PUMP)
    return len(rows)


def drain() -> int:
    """Send one batch of due notices. The pump `alarms`."""
    rows = claim(AlarmNotice.objects.select_related("alarm", "route"), BATCH)
    for row in rows:
        _send(row)
    return len(rows)


def _send(row: AlarmNotice) -> None:
    try:
        senders.send(row)
    except Exception as error:
        # No alarm about the alarm: the failed notice stays on its list and in the log.
        log.warning("alarm_notice_failed", exc_info=True, extra={"notice": row.pk, "route": row.route_id})
        postpone(row, told(error))
    else:
        settle(row, SENT, sent_at=timezone.now(), last_error="")


def due_notices():
    return AlarmNotice.objects.filter(~Q(status=SENT))
