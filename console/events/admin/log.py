import json
from itertools import islice

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter
from unfold.decorators import action

from .. import queries
from ..models import Event, Seal, StreamHead
from ..services.verify import Count, verify_chain
from .base import ReadOnlyAdmin


def text_filter(name: str, words: str, argument: str) -> type[TextFilter]:
    """A filter whose text goes to `queries.browse` under `argument`."""

    class Filter(TextFilter):
        title = words
        parameter_name = name

        def queryset(self, request, queryset):
            value = (self.value() or "").strip()
            return queries.browse(rows=queryset, **{argument: value}) if value else queryset

    return Filter


def time_filter(name: str, words: str, argument: str) -> type[TextFilter]:
    """A filter for a day or a moment, written 2026-11-22 or 2026-11-22 14:05."""

    class Filter(TextFilter):
        title = words
        parameter_name = name

        def queryset(self, request, queryset):
            at = queries.moment((self.value() or "").strip())
            return queries.browse(rows=queryset, **{argument: at}) if at else queryset

    return Filter


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, newest first."""

    list_display = ["at", "type", "stream", "seq", "actor_name", "correlation_id"]
    list_filter = [
        text_filter("of_stream", _("stream (case:17 or case:*)"), "stream"),
        text_filter("of_type", _("type (case.opened or case.*)"), "type"),
        text_filter("by", _("actor (staff:7 or a sign-in name)"), "actor"),
        text_filter("story", _("correlation id"), "correlation_id"),
        time_filter("since", _("from (2026-11-22 14:05)"), "since"),
        time_filter("until", _("until (2026-11-22 14:05)"), "until"),
    ]
    fields = [
        "id",
        "created_at",
        "stream",
        "seq",
        "type",
        "actor_kind",
        "actor_id",
        "actor_label",
        "correlation_id",
        "data_text",
        "prev_hash",
        "hash",
    ]
    readonly_fields = ["data_text"]

    @admin.display(description=_("at"), ordering="id")
    def at(self, event: Event):
        return event.created_at

    @admin.display(description=_("actor"))
    def actor_name(self, event: Event) -> str:
        return str(event.actor)

    @admin.display(description=_("data"))
    def data_text(self, event: Event) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.data, ensure_ascii=False, indent=2))


# More than this is read by the command, not while somebody waits for a page.
MOST_AT_ONCE = 200_000
MOST_SHOWN = 20


def say_verified(request: HttpRequest, stream: str = "") -> None:
    """Read the chain and say in words whether it is whole, or what was touched."""
    count = Count()
    findings = list(islice(verify_chain(stream, count), MOST_SHOWN))
    for finding in findings:
        messages.error(request, str(finding))
    if not findings:
        text = _("The log is whole: %(events)s events in %(streams)s streams, %(seals)s seals.")
        messages.success(request, text % vars(count))


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """Seals over the log: each signs where the streams stood."""

    actions_list = ["verify_all"]

    list_display = ["number", "created_at", "streams", "digest"]
    fields = ["number", "created_at", "streams", "prev_digest", "digest", "entries"]

    def changelist_view(self, request, extra_context=None):
        state = queries.seal_state()
        text = _("%(unsealed)s streams have something not sealed yet; a seal is written every minute.")
        extra = {"subtitle": text % {"unsealed": state["unsealed"]}}
        return super().changelist_view(request, extra | (extra_context or {}))

    @action(description=_("Verify the log"), icon="verified", url_path="verify", permissions=["view"])
    def verify_all(self, request: HttpRequest) -> HttpResponse:
        if Event.objects.all()[MOST_AT_ONCE:].exists():
            messages.warning(request, _("The log is long: run manage.py verify_audit, or verify one stream."))
        else:
            say_verified(request)
        return redirect("admin:events_seal_changelist")


@admin.register(StreamHead)
class StreamHeadAdmin(ReadOnlyAdmin):
    """Where each stream ends and how far it is sealed."""

    actions_detail = ["verify_one"]

    list_display = ["stream", "seq", "sealed_seq"]
    search_fields = ["stream__startswith"]
    ordering = ["stream"]

    @action(description=_("Verify this stream"), icon="verified", permissions=["view"])
    def verify_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        head = get_object_or_404(StreamHead, pk=unquote(object_id))
        say_verified(request, head.stream)
        return redirect(reverse("admin:events_streamhead_change", args=[quote(head.pk)]))
