"""One story on one page: everything that carries a correlation id, from the envelope to the last receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.events.queries import of_story
from console.staff.access import can

from ..models import Delivery, DeliveryState, Envelope, Message
from .base import TONES, require

MOST = 500


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    at: datetime
    kind: str
    text: str
    link: str = ""
    state: str = ""
    tone: str = "info"


def status_word(status: str) -> str:
    """The word of a delivery's status, also where only its code was kept."""
    return str(dict(DeliveryState.choices).get(status, status))


def link_to_story(correlation_id: str) -> str | SafeString:
    """The id, leading to its page."""
    if not correlation_id:
        return "–"
    address = reverse("admin:channels_story", args=[correlation_id])
    return format_html('<a class="underline" href="{}">{}</a>', address, correlation_id)


def page(request: HttpRequest, each_context: Any, opts: Any, correlation_id: str) -> HttpResponse:
    """What this person may see of the story, oldest first."""
    require(request, "channel.view")
    moments = [*_envelopes(request, correlation_id), *_messages(request, correlation_id)]
    moments += _deliveries(request, correlation_id)
    if can(request.user, "event.view"):
        moments += _events(correlation_id)
    context = {
        **each_context(request),
        "title": _("Story %(id)s") % {"id": correlation_id},
        "opts": opts,
        "moments": sorted(moments, key=lambda one: one.at)[:MOST],
        "sees_events": can(request.user, "event.view"),
    }
    return render(request, "channels/story.html", context)


def _envelopes(request: HttpRequest, story: str) -> Iterator[Moment]:
    rows = Envelope.objects.visible_to(request.user).filter(correlation_id=story).select_related("account")
    for row in rows.defer("raw", "headers", "traceback")[:MOST]:
        text = f"{row.public_ref} · {row.account} · {row.get_outcome_display()} {row.reason}".strip(" ·")
        yield _row(row, row.received_at, _("Envelope"), text, row.status, row.get_status_display())


def _messages(request: HttpRequest, story: str) -> Iterator[Moment]:
    if not can(request.user, "message.view"):
        return
    rows = Message.objects.visible_to(request.user).filter(correlation_id=story).select_related("account")
    for row in rows.defer("text", "html", "quoted_text")[:MOST]:
        yield _row(row, row.created_at, row.get_direction_display(), row.subject or f"#{row.pk}", "", row.automatic)


def _deliveries(request: HttpRequest, story: str) -> Iterator[Moment]:
    if not can(request.user, "message.view"):
        return
    rows = Delivery.objects.visible_to(request.user).filter(correlation_id=story).select_related("account")
    for row in rows.defer("payload").prefetch_related("receipts")[:MOST]:
        text = f"#{row.pk} · {row.account} · {row.get_send_class_display()} {row.reason}".strip()
        yield _row(row, row.created_at, _("Delivery"), text, row.status, row.get_status_display())
        for receipt in row.receipts.all():
            yield Moment(
                receipt.at, _("Receipt"), f"#{row.pk} {receipt.status} {receipt.code} {receipt.detail}".strip()
            )


def _events(story: str) -> Iterator[Moment]:
    for row in of_story(story)[:MOST]:
        link = reverse("admin:events_event_change", args=[row.pk])
        yield Moment(row.created_at, _("Event"), f"{row.type} · {row.stream} · {row.actor}", link)


def _row(row: Any, at: datetime, kind: str, text: str, state: str, word: str) -> Moment:
    link = reverse(f"admin:channels_{row._meta.model_name}_change", args=[row.pk])
    return Moment(at, kind, text, link, word, TONES.get(state, "info"))
