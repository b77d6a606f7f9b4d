from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..models import EventDelivery
from ..services import deliveries
from .base import LIMIT, ReadOnlyAdmin, ReasonForm, actor_of, may


class DecisionForm(ReasonForm):
    """Why a person replays or drops deliveries."""

    what = forms.ChoiceField(choices=[("replay", _("Replay")), ("drop", _("Drop"))], widget=forms.HiddenInput)


@admin.register(EventDelivery)
class EventDeliveryAdmin(ReadOnlyAdmin):
    """Deliveries that wait or failed; what is done is gone. Dead ones are replayed or dropped, with a reason."""

    list_display = ["event_type", "consumer", "status", "attempts", "next_attempt_at", "last_error_line"]
    list_filter = ["status", "consumer"]
    fields = [
        "event_type",
        "event_id",
        "consumer",
        "status",
        "attempts",
        "created_at",
        "next_attempt_at",
        "last_error",
        "decided_by",
        "reason",
    ]
    actions = ["replay", "drop"]

    @admin.display(description=_("last error"))
    def last_error_line(self, delivery: EventDelivery) -> str:
        return delivery.last_error.partition("\n")[0][:120]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "event.replay")

    @admin.action(description=_("Replay the chosen deliveries"), permissions=["decide"])
    def replay(self, request: HttpRequest, queryset) -> HttpResponse:
        return self._ask("replay", queryset)

    @admin.action(description=_("Drop the chosen deliveries"), permissions=["decide"])
    def drop(self, request: HttpRequest, queryset) -> HttpResponse:
        return self._ask("drop", queryset)

    def _ask(self, what: str, queryset) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:LIMIT])
        return HttpResponseRedirect(f"{reverse('admin:events_eventdelivery_decide')}?what={what}&ids={ids}")

    def get_urls(self):
        page = self.admin_site.admin_view(self.decide)
        return [path("decide/", page, name="events_eventdelivery_decide"), *super().get_urls()]

    def decide(self, request: HttpRequest) -> HttpResponse:
        """Ask why, then replay or drop."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = DecisionForm(request.POST) if request.method == "POST" else DecisionForm(initial=request.GET.dict())
        if form.is_valid():
            return self._decided(request, form)
        what = request.POST.get("what") or request.GET.get("what", "replay")
        titles = {"replay": _("Replay deliveries"), "drop": _("Drop deliveries")}
        context = self.admin_site.each_context(request) | {"form": form, "title": titles.get(what, titles["replay"])}
        return TemplateResponse(request, "events/decide.html", context)

    def _decided(self, request: HttpRequest, form: DecisionForm) -> HttpResponse:
        data = form.cleaned_data
        decide = deliveries.replay if data["what"] == "replay" else deliveries.drop
        done = decide(data["ids"], actor_of(request), data["reason"])
        text = ngettext("%(n)d delivery decided.", "%(n)d deliveries decided.", done) % {"n": done}
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:events_eventdelivery_changelist"))
