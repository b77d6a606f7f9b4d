"""What this room puts on the house's lists: pumps, duties, alarms; and the news of the floor below it."""

from typing import Any

from console.foundation.calendars.signals import calendar_changed
from console.foundation.work import register_periodic, register_pump

from .alarms import notifier
from .alarms.registry import register_own
from .models import AlarmNotice, EventDelivery
from .services import deliveries, seals
from .services.log import PUMP, emit

SEAL_SECONDS = 60
REMIND_SECONDS = 60


def register() -> None:
    register_pump(PUMP, deliveries.drain, due=EventDelivery.objects.all)
    register_pump(notifier.PUMP, notifier.drain, due=AlarmNotice.objects.all)
    register_pump(seals.PUMP, seals.drain, due=EventDelivery.objects.none, parallel=1)
    register_periodic(seals.PUMP, SEAL_SECONDS, seals.ask)
    register_periodic("events.remind", REMIND_SECONDS, notifier.remind)
    register_own()
    calendar_changed.connect(on_calendar_changed, dispatch_uid="events.calendar_changed")


def on_calendar_changed(calendar: Any, **kwargs: Any) -> None:
    """Who changed working hours or holidays, and when: deadlines hang on it. Calendars stand below the log."""
    emit("configuration", "calendar.changed", {"calendar_id": calendar.pk, "code": calendar.code})
