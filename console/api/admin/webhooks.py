from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from console.foundation.admin import ScopedModelAdmin
from console.staff.access import can

from ..models import Webhook, WebhookDelivery
from ..outgoing import services
from ..outgoing.forms import WebhookForm
from ..outgoing.switching import pause, resume, switch_off

TONES = {"active": "success", "paused": "warning", "off": "info"}
STATUS_TONES = {"delivered": "success", "pending": "info", "dead": "danger", "dropped": "warning"}
SHOWN = ("state", "state_reason", "state_since", "failures", "retry_at", "created_by", "created_at")


@admin.register(Webhook)
class WebhookAdmin(ScopedModelAdmin):
    """Who is told what. Everything that changes one goes through the services."""

    list_display = ["name", "goes_to", "types", "shown_state", "state_reason", "state_since"]
    list_filter = ["state"]
    search_fields = ["name"]
    form = WebhookForm
    change_form_outer_before_template = "api/webhook_acts.html"

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> list[str]:
        if obj is None:
            return ["name", "url", "types"]
        own = ["name", "url", "types"] if self.has_change_permission(request, obj) else ["name", "goes_to", "types"]
        return [*own, *SHOWN]

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> list[str]:
        return [] if obj is None else ["goes_to", *SHOWN]

    @display(description=gettext_lazy("goes to"))
    def goes_to(self, webhook: Webhook) -> str:
        return webhook.host

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def shown_state(self, webhook: Webhook) -> tuple[str, str]:
        return webhook.state, webhook.get_state_display()

    def save_model(self, request: HttpRequest, obj: Webhook, form: WebhookForm, change: bool) -> None:
        if change:
            services.change(obj, {name: form.cleaned_data[name] for name in form.changed_data}, request.user)
            return
        made, secret = services.create({name: form.cleaned_data[name] for name in form.Meta.fields}, request.user)
        obj.pk = made.pk
        self._show(request, secret)

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        services.delete(obj, request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for webhook in queryset:
            services.delete(webhook, request.user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """The log of a webhook goes with it; nobody needs a permission of its own for that."""
        shown, counts, _needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    # buttons above the form

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/act/", page, name="api_webhook_act"), *super().get_urls()]

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One of the buttons."""
        if not can(request.user, services.PERMISSION):
            raise PermissionDenied
        acts: dict[str, Callable[[HttpRequest, Webhook], None]] = {
            "test": self._test,
            "pause": self._pause,
            "resume": self._resume,
            "off": self._off,
            "secret": self._secret,
        }
        wanted = acts.get(request.POST.get("act", ""))
        if request.method != "POST" or wanted is None:
            return HttpResponseNotAllowed(["POST"])
        wanted(request, get_object_or_404(self.get_queryset(request), pk=pk))
        return HttpResponseRedirect(reverse("admin:api_webhook_change", args=[pk]))

    def _test(self, request: HttpRequest, webhook: Webhook) -> None:
        answer = services.test(webhook, request.user)
        told = {"answer": answer.words, "ms": answer.milliseconds}
        if answer.ok:
            messages.success(request, _("It took the test: %(answer)s after %(ms)s ms.") % told)
        else:
            messages.error(request, _("It did not take the test: %(answer)s after %(ms)s ms.") % told)
        if answer.status is not None and answer.text:
            messages.info(request, _("It said: %(text)s") % {"text": answer.text[:200]})

    def _pause(self, request: HttpRequest, webhook: Webhook) -> None:
        pause(webhook, "", request.user)
        messages.success(request, _("Paused; what happens is kept for it."))

    def _resume(self, request: HttpRequest, webhook: Webhook) -> None:
        resume(webhook, request.user)
        messages.success(request, _("It goes on, with what waited first."))

    def _off(self, request: HttpRequest, webhook: Webhook) -> None:
        switch_off(webhook, "", request.user)
        messages.success(request, _("Off: nothing is sent, nothing is kept, and what waited was dropped."))

    def _secret(self, request: HttpRequest, webhook: Webhook) -> None:
        self._show(request, services.replace_secret(webhook, request.user))

    def _show(self, request: HttpRequest, secret: str) -> None:
        text = _("Copy the secret now, it is shown only once: %(secret)s") % {"secret": secret}
        messages.warning(request, text)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ScopedModelAdmin):
    """What was sent where, and what came back; a week of it, and everything that failed."""

    list_display = [
        "event_type",
        "webhook",
        "shown_status",
        "response_status",
        "milliseconds",
        "attempts",
        "created_at",
    ]
    list_filter = ["status", "webhook"]
    list_select_related = ["webhook"]
    fields = [
        *("webhook", "event_type", "event_id", "status", "attempts", "created_at", "next_attempt_at", "delivered_at"),
        *("response_status", "milliseconds", "response_excerpt", "last_error"),
    ]
    actions = ["send_again"]

    @display(description=gettext_lazy("created at"), ordering="id")
    def created(self, row: WebhookDelivery) -> Any:
        return row.created_at

    @display(description=gettext_lazy("status"), label=STATUS_TONES)
    def shown_status(self, row: WebhookDelivery) -> tuple[str, str]:
        return row.status, str(STATUSES.get(row.status, row.status))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return can(request.user, services.PERMISSION)

    @admin.action(description=gettext_lazy("Send again"), permissions=["decide"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        count = services.send_again(queryset, request.user)
        text = ngettext("%(n)d delivery is sent again.", "%(n)d deliveries are sent again.", count) % {"n": count}
        self.message_user(request, text, messages.SUCCESS)


STATUSES = {
    "pending": gettext_lazy("waits"),
    "delivered": gettext_lazy("delivered"),
    "dead": gettext_lazy("given up"),
    "dropped": gettext_lazy("dropped"),
}
