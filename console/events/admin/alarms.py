from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from ..alarms.services import acknowledge
from ..models import Alarm, AlarmNotice, AlarmRoute
from .base import ReadOnlyAdmin, actor_of, may


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", _("open")), ("resting", _("acknowledged")), ("cleared", _("cleared"))]

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
    ]
    readonly_fields = ["headline", "what", "todo"]
    inlines = [NoticeInline]
    actions = ["take"]

    @admin.display(description=_("alarm"))
    def headline(self, alarm: Alarm) -> str:
        return str(alarm)

    @admin.display(description=_("what is wrong"))
    def what(self, alarm: Alarm) -> str:
        return alarm.message

    @admin.display(description=_("what to do"))
    def todo(self, alarm: Alarm) -> str:
        return alarm.advice

    def has_handle_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "alarm.handle")

    @admin.action(description=_("Acknowledge: I take care of it"), permissions=["handle"])
    def take(self, request: HttpRequest, queryset) -> None:
        rows = [acknowledge(alarm, actor_of(request)) for alarm in queryset.open()]
        text = ngettext("%(n)d alarm acknowledged.", "%(n)d alarms acknowledged.", len(rows)) % {"n": len(rows)}
        self.message_user(request, text, messages.SUCCESS)


@admin.register(AlarmRoute)
class AlarmRouteAdmin(ScopedModelAdmin):
    """Where notices of alarms go: mail, webhook or syslog."""

    list_display = ["name", "kind", "target", "min_severity", "codes", "active"]
    list_filter = ["kind", "active"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        from .route_form import RouteForm

        return super().get_form(request, obj, change, **{"form": RouteForm, **kwargs})
