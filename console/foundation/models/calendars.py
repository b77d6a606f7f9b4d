from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..calendars.hours import HoursError, parse_hours, parse_weekly, zone_of


def standard_week() -> dict:
    """Monday to Friday, nine to six with an hour for lunch."""
    day = [["09:00", "12:00"], ["13:00", "18:00"]]
    return {name: list(day) for name in ("mon", "tue", "wed", "thu", "fri")}


class BusinessCalendar(models.Model):
    """The working hours of a place: a weekly pattern, a time zone, and the days that differ."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    weekly_hours = models.JSONField(_("weekly hours"), default=standard_week)
    country = models.CharField(_("public holidays of"), max_length=8, blank=True, default="")
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        problems = {}
        for field, check in (("time_zone", zone_of), ("weekly_hours", parse_weekly)):
            try:
                check(getattr(self, field))
            except HoursError as error:
                problems[field] = error.message
        if problems:
            raise ValidationError(problems)


class CalendarDay(models.Model):
    """A day that differs from the weekly pattern: a public holiday, or a weekend day worked in exchange."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        WORKDAY = "workday", _("Working day")

    class Source(models.TextChoices):
        LOADED = "loaded", _("Loaded")
        MANUAL = "manual", _("Entered by hand")

    calendar = models.ForeignKey(BusinessCalendar, models.CASCADE, related_name="days", verbose_name=_("calendar"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.HOLIDAY)
    hours = models.JSONField(_("hours"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.MANUAL)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="foundation_calendarday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"

    def clean(self) -> None:
        if self.hours in (None, [], ""):
            self.hours = None
            return
        try:
            parse_hours(self.hours)
        except HoursError as error:
            raise ValidationError({"hours": error.message})
