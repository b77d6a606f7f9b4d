"""Conversations in the hub: to look at; work happens at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline

from .models import Conversation, Entry, MovedMessage


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EntryInline(_ReadOnly, ScopedTabularInline):
    model = Entry
    fields = ("at", "kind", "inbound", "message", "code")
    readonly_fields = fields
    ordering = ("-at", "-pk")
    max_num = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("message")


@admin.register(Conversation)
class ConversationAdmin(_ReadOnly, ScopedModelAdmin):
    list_display = ("subject", "customer", "account", "status", "assignee", "waiting_since", "last_message_at")
    list_filter = ("status", "account", "team")
    list_select_related = ("customer", "account", "assignee")
    search_fields = ("=id",)
    search_help_text = gettext_lazy("Number of the conversation; words are found from the desk")
    fields = (
        "subject",
        ("customer", "account"),
        ("status", "flag"),
        ("site", "team", "assignee"),
        ("waiting_since", "last_inbound_at", "last_message_at"),
    )
    inlines = (EntryInline,)


@admin.register(MovedMessage)
class MovedMessageAdmin(_ReadOnly, ScopedModelAdmin):
    list_display = ("entry", "source", "target", "moved_by", "reason", "created_at", "undone_at")
