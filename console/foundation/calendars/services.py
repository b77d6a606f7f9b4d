"""Changing calendars: public holidays from the library, single days by hand, and telling who depends on them."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from ..models import BusinessCalendar, CalendarDay
from .signals import calendar_changed


@dataclass(frozen=True)
class Loaded:
    """What loading a year did. `announced` is False while the year's make-up working days are not known yet."""

    added: int
    changed: int
    removed: int
    kept: int
    announced: bool


class UnknownCountry(ValueError):
    """The holiday library does not know this country or region."""


def public_days(country: str, year: int, language: str | None = None) -> dict[date, tuple[str, str]]:
    """Public holidays and make-up working days of a year: date → (kind, name). Raises UnknownCountry."""
    import holidays

    code, _, region = country.partition("-")
    try:
        # The neighbouring years too: a make-up day of January may lie in December.
        found = holidays.country_holidays(
            code, subdiv=region or None, years=[year - 1, year, year + 1], language=language
        )
    except (NotImplementedError, KeyError) as error:
        raise UnknownCountry(country) from error
    days = {day: ("holiday", name) for day, name in found.items() if day.year == year}
    worked = {day: ("workday", "") for day in getattr(found, "weekend_workdays", ()) if day.year == year}
    return days | worked


@transaction.atomic
def load_public_holidays(calendar: BusinessCalendar, year: int, language: str | None = None) -> Loaded:
    """Bring the loaded days of a year in line with the library; days entered by hand are left alone."""
    wanted = public_days(calendar.country, year, language or _language(calendar.country))
    present = {day.date: day for day in calendar.days.filter(date__year=year)}
    manual = {day for day, row in present.items() if row.source == CalendarDay.Source.MANUAL}
    added, changed = [], []
    for day, (kind, name) in wanted.items():
        row = present.get(day)
        if row is None:
            added.append(CalendarDay(calendar=calendar, date=day, kind=kind, name=name, source="loaded"))
        elif day not in manual and (row.kind, row.name) != (kind, name):
            row.kind, row.name, row.hours = kind, name, None
            changed.append(row)
    gone = [row.pk for day, row in present.items() if day not in wanted and day not in manual]
    CalendarDay.objects.bulk_create(added)
    CalendarDay.objects.bulk_update(changed, ["kind", "name", "hours"])
    CalendarDay.objects.filter(pk__in=gone).delete()
    if added or changed or gone:
        touch(calendar)
    announced = not calendar.country.startswith("CN") or any(kind == "workday" for kind, _ in wanted.values())
    return Loaded(len(added), len(changed), len(gone), len(manual & set(wanted)), announced)


def _language(country: str) -> str | None:
    return "zh_CN" if country.startswith("CN") else None


def set_day(calendar: BusinessCalendar, day: date, kind: str, hours: list | None = None, name: str = "") -> CalendarDay:
    """Make one day differ by hand; it outlives later loads. Raises ValidationError for hours that make no sense."""
    row = CalendarDay.objects.filter(calendar=calendar, date=day).first() or CalendarDay(calendar=calendar, date=day)
    row.kind, row.hours, row.name, row.source = kind, hours, name, CalendarDay.Source.MANUAL
    row.full_clean(exclude=["calendar"])
    row.save()
    touch(calendar)
    return row


def clear_day(calendar: BusinessCalendar, day: date) -> bool:
    """Return one day to the weekly pattern."""
    gone, _ = CalendarDay.objects.filter(calendar=calendar, date=day).delete()
    if gone:
        touch(calendar)
    return bool(gone)


def touch(calendar: BusinessCalendar) -> None:
    """Mark the calendar changed: engines are rebuilt, and rooms with running clocks hear of it."""
    calendar.changed_at = timezone.now()
    BusinessCalendar.objects.filter(pk=calendar.pk).update(changed_at=calendar.changed_at)
    calendar_changed.send(sender=BusinessCalendar, calendar=calendar)
