"""Deliveries: how each stands, and the decisions only a person can make."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.foundation.admin import ScopedTabularInline
from console.staff.access import can

from .. import services
from ..models import Delivery, Receipt, Suppression
from ..services.suppression import lift
from ..services.unknown import VERDICTS, NoEvidence
from .base import TONES, ReadOnlyAdmin, actor_of, display, require
from .story import link_to_story


class ReceiptInline(ScopedTabularInline):
    model = Receipt
    fields = ("status", "at", "code", "detail", "moved")
    readonly_fields = fields
    can_delete = False
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The queue of unknowns is this list, filtered; the decision is asked for with its evidence."""

    list_display = ("id", "account", "send_class", "shown_status", "status_at", "reason", "attempts", "created_by")
    list_filter = ("status", "send_class", "automatic", "account")
    list_select_related = ("account",)
    search_fields = ("=correlation_id", "=key", "=provider_message_id")
    search_help_text = gettext_lazy("Correlation id, our key or the provider's id")
    actions = ("decide", "release_selected", "resend_selected", "cancel_selected")
    inlines = (ReceiptInline,)
    fields = (
        ("account", "message"),
        ("send_class", "purpose", "automatic"),
        ("status", "status_at", "reason"),
        ("attempts", "next_attempt_at", "give_up_at"),
        ("not_before", "sent_at"),
        ("key", "provider_message_id"),
        "evidence",
        ("story", "created_by"),
    )
    readonly_fields = ("story",)

    @display(description=gettext_lazy("status"), ordering="status", label=TONES)
    def shown_status(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(description=gettext_lazy("correlation id"))
    def story(self, delivery: Delivery) -> str:
        return link_to_story(delivery.correlation_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("payload")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "message.decide_unknown")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "message.send")

    @admin.action(description=gettext_lazy("Decide what became of them"), permissions=["decide"])
    def decide(self, request: HttpRequest, rows: QuerySet[Delivery]) -> HttpResponse | None:
        """Ask for verdict and evidence, then decide all chosen ones that are still unknown."""
        require(request, "message.decide_unknown")
        unknown = rows.filter(status="unknown")
        if "verdict" in request.POST:
            try:
                done = services.decide_unknown(
                    list(unknown.values_list("pk", flat=True)),
                    request.POST["verdict"],
                    request.POST.get("evidence", ""),
                    actor_of(request),
                )
            except NoEvidence:
                messages.error(request, _("Say what the decision rests on."))
            else:
                said = ngettext("%(n)s delivery decided.", "%(n)s deliveries decided.", len(done))
                messages.success(request, said % {"n": len(done)})
                return HttpResponseRedirect(request.get_full_path())
        context = {
            **self.admin_site.each_context(request),
            "title": _("What became of these messages?"),
            "opts": self.opts,
            "rows": unknown.select_related("account")[:200],
            "verdicts": _verdicts(),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "channels/decide.html", context)

    @admin.action(description=gettext_lazy("Let held messages go"), permissions=["decide"])
    def release_selected(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self._each(request, rows, services.release)

    @admin.action(description=gettext_lazy("Send failed messages again"), permissions=["send"])
    def resend_selected(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self._each(request, rows, services.resend)

    @admin.action(description=gettext_lazy("Take back"), permissions=["send"])
    def cancel_selected(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        self._each(request, rows, services.cancel)

    def _each(self, request: HttpRequest, rows: QuerySet[Delivery], act: Any) -> None:
        done = left = 0
        for row in rows:
            try:
                act(row, actor_of(request))
                done += 1
            except services.TooLate:
                left += 1
            except services.Refused as error:
                left += 1
                said = " ".join(f"{one.text} {one.allowed}" for one in error.refusals)
                messages.warning(request, f"#{row.pk}: {said}")
        messages.info(request, _("%(done)s changed, %(left)s left as they are.") % {"done": done, "left": left})


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Dead addresses, and the way to lift one."""

    list_display = ("mask", "channel_kind", "reason", "until", "lifted_at", "lifted_by")
    list_filter = ("channel_kind",)
    actions = ("lift_selected",)

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "message.decide_unknown")

    @admin.action(description=gettext_lazy("Lift: the address works again"), permissions=["lift"])
    def lift_selected(self, request: HttpRequest, rows: QuerySet[Suppression]) -> None:
        for row in rows:
            lift(row, actor_of(request))


def _verdicts() -> list[tuple[str, str]]:
    words = {
        "sent": _("They were sent"),
        "not_sent": _("They were not sent"),
        "resend": _("They were not sent: send them now"),
    }
    return [(verdict, words[verdict]) for verdict in VERDICTS]
