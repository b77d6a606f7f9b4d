"""Lengths of time as people read them in a list: two units at most."""

from datetime import timedelta

from django.utils.translation import gettext as _


def short(length: timedelta) -> str:
    """ "11 d", "2 h 10 min", "35 min"; the sign is dropped."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 3:
        return _("%(days)d d") % {"days": days}
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d min") % {"minutes": rest}
