from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from ..alarms.services import HealsByItself, acknowledge, close_by_hand
from ..models import Alarm, AlarmNotice, AlarmRoute
from .base import LIMIT, ReadOnlyAdmin, ReasonForm, actor_of, may


class ClosingForm(ReasonForm):
    """What was done about them."""


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", pgettext_lazy("alarm", "open")), ("resting", _("acknowledged")), ("cleared", _("cleared"))]

    def queryset(self, request, queryset):
        tests = {
            "open": {"cleared_at__isnull": True},
            "resting": {"cleared_at__isnull": True, "acknowledged_at__isnull": False},
            "cleared": {"cleared_at__isnull": False},
        }
        return queryset.filter(**tests.get(self.value(), {}))


class NoticeInline(ScopedTabularInline):
    """Who was told, and what did not go out."""

    model = AlarmNotice
    fields = readonly_fields = ["route", "kind", "number", "status", "attempts", "sent_at", "last_error"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    """What needs a person: whose it is and what to do next."""

    list_display = [
        "headline",
        "severity",
        "owner",
        "raised_at",
        "last_seen_at",
        "count",
        "acknowledged_by",
        "cleared_at",
    ]
    list_filter = [OpenFilter, "severity", "owner"]
    fields = [
        "headline",
        "what",
        "todo",
        "code",
        "key",
        "severity",
        "owner",
        "raised_at",
        "last_seen_at",
        "count",
        "acknowledged_by",
        "acknowledged_at",
        "cleared_at",
        "closed_by",
        "closing_note",
    ]
    readonly_fields = ["headline", "what", "todo"]
    inlines = [NoticeInline]
    actions = ["take", "close"]

    @admin.display(description=_("alarm"))
    def headline(self, alarm: Alarm) -> str:
        return str(alarm)

    @admin.display(description=_("what is wrong"))
    def what(self, alarm: Alarm) -> str:
        return alarm.message

    @admin.display(description=_("what to do"))
    def todo(self, alarm: Alarm) -> str:
        if not alarm.link:
            return alarm.advice
        return format_html('{} <a class="underline" href="{}">{}</a>', alarm.advice, alarm.link, _("Open"))

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "alarm.handle")

    @admin.action(description=_("Acknowledge: I take care of it"), permissions=["handle"])
    def take(self, request: HttpRequest, queryset) -> None:
        rows = [acknowledge(alarm, actor_of(request)) for alarm in queryset.open()]
        text = ngettext("%(n)d alarm acknowledged.", "%(n)d alarms acknowledged.", len(rows)) % {"n": len(rows)}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Close: it is dealt with"), permissions=["handle"])
    def close(self, request: HttpRequest, queryset) -> HttpResponse:
        """Ask what was done, then close what a person has to close."""
        ids = ",".join(str(pk) for pk in queryset.open().values_list("pk", flat=True)[:LIMIT])
        return HttpResponseRedirect(f"{reverse('admin:events_alarm_close')}?ids={ids}")

    def get_urls(self):
        page = self.admin_site.admin_view(self.closing)
        return [path("close/", page, name="events_alarm_close"), *super().get_urls()]

    def closing(self, request: HttpRequest) -> HttpResponse:
        if not self.has_handle_permission(request):
            raise PermissionDenied
        form = ClosingForm(request.POST) if request.method == "POST" else ClosingForm(initial=request.GET.dict())
        if form.is_valid():
            return self._closed(request, form.cleaned_data["ids"], form.cleaned_data["reason"])
        context = self.admin_site.each_context(request) | {"form": form, "title": _("Close alarms")}
        return TemplateResponse(request, "events/decide.html", context)

    def _closed(self, request: HttpRequest, ids: list[int], note: str) -> HttpResponse:
        done = watched = 0
        for alarm in self.get_queryset(request).filter(pk__in=ids):
            try:
                done += close_by_hand(alarm, actor_of(request), note)
            except HealsByItself:
                watched += 1
        if done:
            text = ngettext("%(n)d alarm closed.", "%(n)d alarms closed.", done) % {"n": done}
            self.message_user(request, text, messages.SUCCESS)
        if watched:
            text = ngettext(
                "%(n)d alarm is watched and clears by itself as soon as its cause is mended.",
                "%(n)d alarms are watched and clear by themselves as soon as their cause is mended.",
                watched,
            )
            self.message_user(request, text % {"n": watched}, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:events_alarm_changelist"))


@admin.register(AlarmRoute)
class AlarmRouteAdmin(ScopedModelAdmin):
    """Where notices of alarms go: mail, webhook or syslog."""

    list_display = ["name", "kind", "target", "min_severity", "codes", "active"]
    list_filter = ["kind", "active"]

    def get_fields(self, request, obj=None):
        """Who may only look gets values as text, so the webhook's secret is not among them."""
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else [name for name in fields if name != "secret"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        from .route_form import RouteForm

        return super().get_form(request, obj, change, **{"form": RouteForm, **kwargs})
