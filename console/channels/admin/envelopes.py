"""Envelopes: what arrived, what became of it, and the way back out of quarantine."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.events import emit
from console.staff.access import can

from .. import services, vault
from ..models import Arrival, Envelope
from ..services.intake import raw_of
from ..services.quarantine import ASIDE
from .base import TONES, ReadOnlyAdmin, actor_of, display, require
from .story import link_to_story, page, status_word


@admin.register(Envelope)
class EnvelopeAdmin(ReadOnlyAdmin):
    """Never shows the bytes in the page; downloading them is a permission and an event of its own."""

    list_display = ("public_ref", "account", "shown_status", "outcome", "reason", "size", "received_at", "reached_at")
    list_filter = ("status", "outcome", "origin", "account")
    search_fields = ("public_ref", "correlation_id", "sha256")
    search_help_text = gettext_lazy("Reference, correlation id or checksum")
    list_select_related = ("account",)
    actions = ("replay_selected", "set_aside_selected")
    fields = (
        ("public_ref", "account"),
        ("status", "outcome", "items"),
        "reason",
        "became",
        ("received_at", "reached_at", "parsed_at"),
        ("size", "origin"),
        "sha256",
        ("attempts", "next_attempt_at", "last_error"),
        "story",
        "traceback",
    )
    readonly_fields = ("became", "story")
    change_form_template = "channels/envelope.html"

    @display(description=gettext_lazy("status"), ordering="status", label=TONES)
    def shown_status(self, envelope: Envelope) -> tuple[str, str]:
        return envelope.status, envelope.get_status_display()

    @display(description=gettext_lazy("correlation id"))
    def story(self, envelope: Envelope) -> str:
        return link_to_story(envelope.correlation_id)

    @display(description=gettext_lazy("what became of it"))
    def became(self, envelope: Envelope) -> str:
        """The messages this envelope brought, the first time or once more, and the deliveries it spoke of."""
        found = Arrival.objects.filter(envelope=envelope).values_list("message_id", flat=True)
        links = [(reverse("admin:channels_message_change", args=[pk]), f"{_('Message')} #{pk}") for pk in found]
        for one in envelope.receipts.exclude(delivery=None):
            address = reverse("admin:channels_delivery_change", args=[one.delivery_id])
            links.append((address, f"{status_word(one.status)} {one.code}".strip()))
        if not links:
            return envelope.get_outcome_display() or "–"
        return format_html_join(mark_safe("<br>"), '<a class="underline" href="{}">{}</a>', links)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Envelope]:
        return super().get_queryset(request).defer("raw", "headers")

    @admin.action(description=gettext_lazy("Replay"), permissions=["replay"])
    def replay_selected(self, request: HttpRequest, rows: QuerySet[Envelope]) -> None:
        """Parse the chosen envelopes again."""
        done, left = services.replay_many(rows, actor_of(request))
        messages.info(request, _("%(done)s replayed, %(left)s left as they are.") % {"done": done, "left": left})

    @admin.action(description=gettext_lazy("Set aside for good"), permissions=["replay"])
    def set_aside_selected(self, request: HttpRequest, rows: QuerySet[Envelope]) -> HttpResponse | None:
        """Ask why, then set every chosen one aside that waits for a person."""
        reason = request.POST.get("reason", "").strip()
        waiting = rows.filter(status__in=ASIDE)
        if reason:
            done = services.set_aside_many(waiting, actor_of(request), reason)
            said = ngettext("%(n)s envelope set aside.", "%(n)s envelopes set aside.", done)
            messages.success(request, said % {"n": done})
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set these envelopes aside?"),
            "opts": self.opts,
            "rows": waiting.select_related("account")[:200],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "channels/aside.html", context)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "envelope.replay")

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        own = [
            path("story/<slug:correlation_id>/", guard(self.story_page), name="channels_story"),
            path("<int:pk>/replay/", guard(self.replay), name="channels_envelope_replay"),
            path("<int:pk>/aside/", guard(self.aside), name="channels_envelope_aside"),
            path("<int:pk>/raw/", guard(self.raw), name="channels_envelope_raw"),
        ]
        return own + super().get_urls()

    def story_page(self, request: HttpRequest, correlation_id: str) -> HttpResponse:
        """Everything of one correlation id."""
        return page(request, self.admin_site.each_context, self.opts, correlation_id)

    def replay(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One envelope again."""
        return self._act(request, pk, lambda row: services.replay(row, actor_of(request)), _("Replayed."))

    def aside(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A person decides that nothing will come of it."""
        reason = request.POST.get("reason", "").strip()
        if request.method == "POST" and not reason:
            messages.error(request, _("Say why: the reason is kept with the change."))
            return self._back(pk)
        return self._act(request, pk, lambda row: services.set_aside(row, actor_of(request), reason), _("Set aside."))

    def raw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes as they came, as a download. The look is an event."""
        require(request, "envelope.view")
        envelope = get_object_or_404(super().get_queryset(request), pk=pk)
        try:
            content = raw_of(envelope)
        except vault.VaultError as error:
            raise Http404 from error
        facts = {"envelope_id": envelope.pk, "reference": envelope.public_ref}
        emit(
            f"account:{envelope.account_id}",
            "envelope.viewed",
            facts,
            actor=actor_of(request),
            correlation_id=envelope.correlation_id,
        )
        response = HttpResponse(content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{envelope.public_ref}.eml"'
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _act(self, request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
        require(request, "envelope.replay")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            act(get_object_or_404(self.get_queryset(request), pk=pk))
        except services.NotReplayable as error:
            messages.error(request, _("Not possible: %(detail)s") % {"detail": error})
        else:
            messages.success(request, done)
        return self._back(pk)

    def _back(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:channels_envelope_change", args=[pk]))
