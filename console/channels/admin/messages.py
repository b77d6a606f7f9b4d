"""Messages as they are stored: masked, with who took part and what came along."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from console.foundation.admin import ScopedTabularInline
from console.staff.access import can

from .. import services
from ..models import Arrival, Attachment, Message, MessageParticipant, OriginalLook
from .base import TONES, ReadOnlyAdmin, actor_of, display
from .story import link_to_story


class _Shown(ScopedTabularInline):
    """Rows to read."""

    can_delete = False
    max_num = 0

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class ParticipantInline(_Shown):
    model = MessageParticipant
    fields = ("role", "label", "own")
    readonly_fields = fields


class AttachmentInline(_Shown):
    model = Attachment
    fields = ("name", "content_type", "size", "state", "detail")
    readonly_fields = fields


class ArrivalInline(_Shown):
    model = Arrival
    fields = ("account", "reached_at", "envelope")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Arrival]:
        rows = super().get_queryset(request).select_related("account", "envelope")
        return rows.defer("envelope__raw", "envelope__headers", "envelope__traceback")


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("subject_or_id", "direction", "account", "customer", "automatic", "reached_at")
    list_filter = ("direction", "account")
    list_select_related = ("account", "customer")
    search_fields = ("=correlation_id", "=wire_id")
    search_help_text = gettext_lazy("Correlation id or Message-ID; words are found from the desk")
    fields = (
        ("account", "direction", "automatic"),
        ("customer", "identity", "touchpoint"),
        "subject",
        "text",
        "quoted_text",
        ("occurred_at", "reached_at", "language"),
        ("wire_id", "in_reply_to"),
        "story",
    )
    readonly_fields = ("story",)
    inlines = (ParticipantInline, AttachmentInline, ArrivalInline)

    @display(description=gettext_lazy("correlation id"))
    def story(self, message: Message) -> str:
        return link_to_story(message.correlation_id)

    @display(description=gettext_lazy("subject"))
    def subject_or_id(self, message: Message) -> str:
        return message.subject[:80] or f"#{message.pk}"


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "content_type", "size", "shown_state", "detail", "created_at")
    list_filter = ("state", "inline")
    fields = ("name", ("content_type", "declared_type"), ("size", "sha256"), ("state", "detail"), "message")
    actions = ("fetch_again",)

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def shown_state(self, attachment: Attachment) -> tuple[str, str]:
        return attachment.state, attachment.get_state_display()

    @admin.action(description=gettext_lazy("Fetch again from the provider"), permissions=["replay"])
    def fetch_again(self, request: HttpRequest, rows: QuerySet[Attachment]) -> None:
        """Ask the provider once more for chosen files that were given up."""
        again = services.fetch_again(rows, actor_of(request))
        said = ngettext("%(n)s file is fetched again.", "%(n)s files are fetched again.", again)
        messages.info(request, said % {"n": again})

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "envelope.replay")


@admin.register(OriginalLook)
class OriginalLookAdmin(ReadOnlyAdmin):
    """Who read a message without its masks, and why."""

    list_display = ("at", "user", "message", "reason")
    list_filter = ("at",)
    list_select_related = ("user", "message")
    fields = ("user", "message", "reason", "at")
