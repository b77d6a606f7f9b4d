"""Quiet hours, in the customer's own time zone. Codes and replies never wait for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.plugin_api.channels import SendClass

from .rules import Rule

NEVER_DELAYED = (SendClass.SECURITY_CODE.value, SendClass.REPLY.value)


def quiet_until(rule: Rule, send_class: str, zone_name: str, now: datetime) -> datetime | None:
    """When the quiet hours end that hold now for this customer; None when it may go out."""
    if send_class in NEVER_DELAYED or rule.quiet_from is None or rule.quiet_to is None:
        return None
    if rule.quiet_from == rule.quiet_to:
        return None
    zone = zone_of(zone_name)
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    over_midnight = rule.quiet_from > rule.quiet_to
    quiet = (
        (clock >= rule.quiet_from or clock < rule.quiet_to)
        if over_midnight
        else rule.quiet_from <= clock < rule.quiet_to
    )
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= rule.quiet_from else 0)
    return datetime.combine(day, rule.quiet_to, tzinfo=zone)


def zone_of(name: str) -> ZoneInfo:
    """The named zone; the bank's own when the name says nothing."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("Asia/Shanghai")
