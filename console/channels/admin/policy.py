"""What may go out, as rows a supervisor may change; each change is an event."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from console.staff.access import can
from console.staff.recorded import RecordedModelAdmin

from ..models import AttachmentRule, BankDomain, BannedWord, ChannelAccount, PolicyRule


class PolicyAdmin(RecordedModelAdmin):
    """Rows behind the permission "channel.policy"; who changed what is on the record."""

    event_type = "policy.changed"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "channel.view") or can(request.user, "channel.policy")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "channel.policy")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "channel.policy")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "channel.policy")


@admin.register(PolicyRule)
class PolicyRuleAdmin(PolicyAdmin):
    list_display = ("send_class", "channel_kind", "quiet_from", "quiet_to", "quiet_action", "needs_consent", "active")
    list_filter = ("send_class", "active")


@admin.register(BannedWord)
class BannedWordAdmin(PolicyAdmin):
    list_display = ("word", "action", "channel_kind", "reason", "active")
    list_filter = ("action", "active", "channel_kind")
    search_fields = ("word",)


@admin.register(BankDomain)
class BankDomainAdmin(PolicyAdmin):
    list_display = ("domain", "active")


@admin.register(AttachmentRule)
class AttachmentRuleAdmin(PolicyAdmin):
    """The bank's rule, and what single accounts do differently."""

    list_display = ("__str__", "account", "outbound", "max_bytes")
    list_select_related = ("account",)

    def scope_queryset(self, request: HttpRequest, rows: QuerySet[AttachmentRule]) -> QuerySet[AttachmentRule]:
        return rows.filter(Q(account=None) | Q(account__in=ChannelAccount.objects.visible_to(request.user)))
