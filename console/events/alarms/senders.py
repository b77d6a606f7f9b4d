"""The three ways a notice leaves the house. Each raises when the notice did not go out."""

import hashlib
import hmac
import json
import logging
import socket
import time
from logging.handlers import SysLogHandler
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ..models import AlarmNotice, AlarmRoute
from ..models.alarm import Severity

TIMEOUT = 10
SYSLOG_PORT = 514
_PRIORITY = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ERROR: "err", Severity.CRITICAL: "crit"}


def send(notice: AlarmNotice) -> None:
    """Send one notice in its route's language. Raises whatever the way out raises."""
    with translation.override(notice.route.language):
        {"mail": _mail, "webhook": _webhook, "syslog": _syslog}[notice.route.kind](notice)


def headline(notice: AlarmNotice) -> str:
    words = {
        AlarmNotice.RAISED: _("Alarm"),
        AlarmNotice.REMINDER: _("Still open"),
        AlarmNotice.CLEARED: _("Cleared"),
    }
    alarm = notice.alarm
    return f"[Huiyin] {words[notice.kind]}: {alarm}"


def _lines(notice: AlarmNotice) -> list[str]:
    alarm = notice.alarm
    lines = [
        alarm.message,
        "",
        _("Severity: %(severity)s") % {"severity": alarm.get_severity_display()},
        _("Owner: %(owner)s") % {"owner": alarm.owner},
        _("Since: %(time)s") % {"time": timezone.localtime(alarm.raised_at).strftime("%Y-%m-%d %H:%M")},
        _("Seen: %(count)s times") % {"count": alarm.count},
    ]
    if notice.kind != AlarmNotice.CLEARED and alarm.advice:
        lines += ["", _("What to do: %(step)s") % {"step": alarm.advice}]
    return [*lines, "", f"{settings.HUIYIN_BASE_URL}/console/events/alarm/{alarm.pk}/change/"]


def _mail(notice: AlarmNotice) -> None:
    to = [item.strip() for item in notice.route.target.split(",") if item.strip()]
    EmailMessage(headline(notice), "\n".join(_lines(notice)), None, to).send()


def payload(notice: AlarmNotice) -> dict[str, Any]:
    """What a webhook receives: stable codes beside the sentences."""
    alarm = notice.alarm
    return {
        "notice": notice.kind,
        "id": alarm.pk,
        "code": alarm.code,
        "key": alarm.key,
        "severity": Severity(alarm.severity).name.lower(),
        "title": alarm.title,
        "about": alarm.about,
        "text": alarm.message,
        "next_step": alarm.advice,
        "owner": alarm.owner,
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": alarm.cleared_at.isoformat() if alarm.cleared_at else None,
        "count": alarm.count,
    }


def signature(secret: str, stamp: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>` with the route's secret."""
    digest = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return f"t={stamp},v1={digest}"


def _webhook(notice: AlarmNotice) -> None:
    from console.foundation.http import guarded_client

    route: AlarmRoute = notice.route
    body = json.dumps(payload(notice), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"alarm-notice-{notice.pk}"}
    if route.secret:
        headers["X-Huiyin-Signature"] = signature(route.secret, int(time.time()), body)
    with guarded_client() as client:
        client.post(route.target, content=body, headers=headers).raise_for_status()


def _syslog(notice: AlarmNotice) -> None:
    host, _colon, port = notice.route.target.rpartition(":")
    address = (host, int(port)) if host else (notice.route.target, SYSLOG_PORT)
    handler = _Syslog(address=address, socktype=socket.SOCK_DGRAM)
    try:
        text = f"huiyin: {notice.kind} {notice.alarm.code} {notice.alarm.key} {notice.alarm.title}".strip()
        record = logging.LogRecord("huiyin.alarm", logging.ERROR, "", 0, text, None, None)
        handler.priority = _PRIORITY[Severity(notice.alarm.severity)]
        handler.emit(record)
    finally:
        handler.close()


class _Syslog(SysLogHandler):
    """A handler that speaks up: the standard one prints a failure and goes on."""

    priority = "err"

    def mapPriority(self, levelName: str) -> str:
        return self.priority

    def handleError(self, record: logging.LogRecord) -> None:
        raise
