from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..calendars import services
from ..calendars.hours import DAYS
from ..models import BusinessCalendar, CalendarDay
from .base import ScopedModelAdmin, ScopedTabularInline
from .calendar_forms import BusinessCalendarForm, CalendarDayForm


class CalendarDayInline(ScopedTabularInline):
    model = CalendarDay
    form = CalendarDayForm
    fields = ["date", "kind", "hours", "name", "source"]
    readonly_fields = ["source"]
    ordering = ["-date"]
    per_page = 30


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(ScopedModelAdmin):
    """Hours and days of each place; a change here recomputes the clocks of open cases."""

    form = BusinessCalendarForm
    fieldsets = [
        (None, {"fields": ["name", "code", "time_zone", "country"]}),
        (_("Weekly hours"), {"fields": list(DAYS)}),
    ]
    list_display = ["name", "code", "time_zone", "country", "changed_at"]
    search_fields = ["name", "code"]
    inlines = [CalendarDayInline]
    actions = ["load_holidays"]

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        services.touch(form.instance)

    def save_formset(self, request, form, formset, change) -> None:
        for row in formset.save(commit=False):
            row.source = CalendarDay.Source.MANUAL
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    @admin.action(description=_("Load public holidays of this year and the next"))
    def load_holidays(self, request, queryset) -> None:
        year = timezone.localdate().year
        days = 0
        unknown = set()
        for calendar in queryset.exclude(country=""):
            for each in (year, year + 1):
                done = services.load_public_holidays(calendar, each)
                days += done.added + done.changed + done.removed
                if not done.announced:
                    unknown.add(each)
        text = ngettext("%(days)d day changed.", "%(days)d days changed.", days) % {"days": days}
        self.message_user(request, text, messages.SUCCESS)
        for each in sorted(unknown):
            text = _("The make-up working days of %(year)s are not announced yet: load again when they are.")
            self.message_user(request, text % {"year": each}, messages.WARNING)


@admin.register(CalendarDay)
class CalendarDayAdmin(ScopedModelAdmin):
    """All days that differ, over every calendar: for checking a year at a glance."""

    form = CalendarDayForm
    list_display = ["date", "calendar", "kind", "name", "source"]
    list_filter = ["calendar", "kind", "source"]
    date_hierarchy = "date"
    list_select_related = ["calendar"]

    def save_model(self, request, obj, form, change) -> None:
        obj.source = CalendarDay.Source.MANUAL
        super().save_model(request, obj, form, change)
        services.touch(obj.calendar)

    def delete_model(self, request, obj) -> None:
        super().delete_model(request, obj)
        services.touch(obj.calendar)

    def delete_queryset(self, request, queryset) -> None:
        calendars = list({day.calendar_id: day.calendar for day in queryset.select_related("calendar")}.values())
        super().delete_queryset(request, queryset)
        for calendar in calendars:
            services.touch(calendar)
