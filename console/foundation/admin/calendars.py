from django.contrib import admin

from ..models import BusinessCalendar, CalendarDay
from .base import ScopedModelAdmin, ScopedTabularInline


class CalendarDayInline(ScopedTabularInline):
    model = CalendarDay
    fields = ["date", "kind", "hours", "name", "source"]
    readonly_fields = ["source"]
    ordering = ["-date"]
    per_page = 30


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(ScopedModelAdmin):
    list_display = ["name", "code", "time_zone", "country", "changed_at"]
    search_fields = ["name", "code"]
    inlines = [CalendarDayInline]
