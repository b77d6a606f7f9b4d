from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from console.foundation.calendars import services
from console.foundation.models import BusinessCalendar


class Command(BaseCommand):
    help = "Load public holidays and make-up working days: calendar load CN 2026 [--calendar CODE]"

    def add_arguments(self, parser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        load = actions.add_parser("load", help="load a year from the holiday library")
        load.add_argument("country")
        load.add_argument("years", nargs="*", type=int)
        load.add_argument("--calendar", default="", help="code of one calendar; default: all of the country")
        show = actions.add_parser("show", help="print the days of a calendar that differ from its week")
        show.add_argument("calendar")

    def handle(self, *args, **options) -> None:
        getattr(self, options["action"])(options)

    def load(self, options) -> None:
        country = options["country"].upper()
        rows = BusinessCalendar.objects.filter(country=country)
        if options["calendar"]:
            rows = BusinessCalendar.objects.filter(code=options["calendar"])
            rows.exclude(country=country).update(country=country)
        calendars = list(rows)
        if not calendars:
            raise CommandError(f"No calendar uses the public holidays of {country}.")
        for calendar in calendars:
            for year in options["years"] or [timezone.localdate().year]:
                self._load_year(calendar, year)

    def _load_year(self, calendar: BusinessCalendar, year: int) -> None:
        try:
            done = services.load_public_holidays(calendar, year)
        except services.UnknownCountry as error:
            raise CommandError(f"The holiday library does not know {error}.") from error
        self.stdout.write(
            f"{calendar.code} {year}: {done.added} added, {done.changed} changed, "
            f"{done.removed} removed, {done.kept} kept as entered by hand"
        )
        if not done.announced:
            self.stderr.write(f"Make-up working days of {year} are not known yet: load again when announced.")

    def show(self, options) -> None:
        for calendar in BusinessCalendar.objects.filter(code=options["calendar"]):
            for day in calendar.days.all():
                self.stdout.write(f"{day.date} {day.kind} {day.name}".rstrip())
