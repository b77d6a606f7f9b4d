"""Hours as people write them: `09:00-12:00, 13:00-18:00`, one line a day."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from ..calendars.hours import DAYS, HoursError, parse_hours
from ..models import BusinessCalendar, CalendarDay

_PART = re.compile(r"\s*(\d{1,2}[:：]\d\d)\s*(?:-|–|—|~|～|至|到)\s*(\d{1,2}[:：]\d\d)\s*\Z")
_LABELS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


class HoursField(forms.CharField):
    """One day's hours on one line; empty means closed (or, for a single day, as usual)."""

    widget = UnfoldAdminTextInputWidget
    default_error_messages = {"shape": _("Write hours like 09:00-12:00, 13:00-18:00.")}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join(f"{start}-{end}" for start, end in value)
        return value

    def clean(self, value: Any) -> list[list[str]]:
        text = super().clean(value)
        hours = [self._pair(part) for part in re.split("[,，;；、]", text) if part.strip()]
        try:
            parse_hours(hours)
        except HoursError as error:
            raise forms.ValidationError(error.message) from error
        return hours

    def _pair(self, part: str) -> list[str]:
        match = _PART.match(part)
        if not match:
            raise forms.ValidationError(self.error_messages["shape"], code="shape")
        return [time.replace("：", ":").zfill(5) for time in match.groups()]


class BusinessCalendarForm(forms.ModelForm):
    """The week as seven lines; stored as the JSON the engine reads."""

    class Meta:
        model = BusinessCalendar
        fields = ["name", "code", "time_zone", "country"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.instance.weekly_hours or {}
        for day in DAYS:
            self.fields[day].initial = week.get(day, [])

    def clean(self) -> dict:
        cleaned = super().clean()
        self.instance.weekly_hours = {day: cleaned[day] for day in DAYS if cleaned.get(day)}
        return cleaned


for _day, _label in zip(DAYS, _LABELS, strict=True):
    BusinessCalendarForm.base_fields[_day] = HoursField(label=_label, required=False)
    BusinessCalendarForm.declared_fields[_day] = BusinessCalendarForm.base_fields[_day]


class CalendarDayForm(forms.ModelForm):
    hours = HoursField(
        label=_("hours"),
        required=False,
        help_text=_("Empty: closed on a holiday, ordinary hours on a working day."),
    )

    class Meta:
        model = CalendarDay
        fields = ["calendar", "date", "kind", "hours", "name"]

    def clean_hours(self) -> list | None:
        return self.cleaned_data["hours"] or None
