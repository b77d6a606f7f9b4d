"""Cases in the admin: to look at. They are worked on at the desk, through services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy
from unfold.decorators import display

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from ..models import Approval, Case, Clock, CustomerNotice, Escalation, MessageMark, Recompute, StateInterval, Task


class ReadOnly:
    """Nothing here is typed in: rows come from services."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ClockInline(ReadOnly, ScopedTabularInline):
    model = Clock
    fields = ["kind", "state", "started_at", "due_at", "stopped_at", "breached_at"]


class IntervalInline(ReadOnly, ScopedTabularInline):
    model = StateInterval
    fields = ["state", "state_class", "started_at", "ended_at", "revoked_at"]


class NoticeInline(ReadOnly, ScopedTabularInline):
    model = CustomerNotice
    fields = ["kind", "status", "channel_kind", "language", "template", "reason", "created_at", "settled_at"]
    readonly_fields = ["created_at"]


@admin.register(Case)
class CaseAdmin(ReadOnly, ScopedModelAdmin):
    """Every case within the reader's scope."""

    list_display = ["number", "subject", "type", "state_class", "grade", "team", "owner", "next_due_at", "late"]
    list_filter = ["type", "state_class", "is_open", "breached", "told", "grade"]
    list_select_related = ["type", "team", "owner"]
    search_fields = ["number"]
    fields = [
        "number", "type", "version", "subject", "customer", "account", "language", "state", "state_class", "turn",
        "grade", "grade_reason", "site", "team", "owner", "data", "outcome", "root_cause", "decision", "told",
        "not_told_reason", "reached_at", "opened_at", "decided_at", "resolved_at", "closed_at", "reopened",
        "next_due_at", "next_clock", "set_aside", "merged_into",
    ]  # fmt: skip
    inlines = [ClockInline, IntervalInline, NoticeInline]

    @display(description=gettext_lazy("overdue"), ordering="breached", label={"late": "danger"})
    def late(self, case: Case) -> tuple[str, str] | str:
        return ("late", gettext("overdue")) if case.breached else ""


class OfCases(ReadOnly, ScopedModelAdmin):
    """Rows around cases: visible as far as their case is."""

    def scope_queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(case__in=Case.objects.visible_to(request.user))


@admin.register(Task)
class TaskAdmin(OfCases):
    list_display = ["title", "case", "kind", "status", "assignee", "team", "due_at"]
    list_filter = ["status", "kind"]
    list_select_related = ["case", "assignee", "team"]


@admin.register(Approval)
class ApprovalAdmin(OfCases):
    list_display = ["case", "kind", "role", "status", "requested_by", "requested_at", "decided_by", "decided_at"]
    list_filter = ["status", "kind", "role"]
    list_select_related = ["case", "requested_by", "decided_by"]


@admin.register(Escalation)
class EscalationAdmin(OfCases):
    list_display = ["case", "kind", "step", "due_at", "fired_at"]
    list_filter = ["kind"]
    list_select_related = ["case", "step"]


@admin.register(MessageMark)
class MessageMarkAdmin(ReadOnly, ScopedModelAdmin):
    """Messages set aside. A mark without a case is seen by whoever sees the message's account."""

    list_display = ["message_id", "kind", "case", "marked_by", "marked_at"]
    list_filter = ["kind"]
    list_select_related = ["case", "marked_by"]

    def scope_queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        from console.channels.models import Message

        return rows.filter(message__in=Message.objects.visible_to(request.user))


@admin.register(Recompute)
class RecomputeAdmin(ReadOnly, ScopedModelAdmin):
    """Runs over open cases after a calendar was corrected."""

    list_display = ["reason", "calendar", "done", "changed", "created_at", "finished_at"]
    list_select_related = ["calendar"]
