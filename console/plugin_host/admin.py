"""The plugins page of the hub: one card per plugin. Rows behind it are not edited as rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from console.events import Actor
from console.foundation.admin import ScopedModelAdmin
from console.plugin_api.version import API_VERSION

from . import counts, loader, queries, services
from .models import Circuit, PluginRun, PluginState

HOME = "admin:plugin_host_pluginstate_changelist"


def actor_of(request: HttpRequest) -> Actor:
    """The member of staff behind a request, for the record."""
    return Actor("staff", str(request.user.pk), request.user.get_username())


@admin.register(PluginState)
class PluginStateAdmin(ScopedModelAdmin):
    """Shows the page in place of a list of rows, and takes its buttons."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.page), name="plugin_host_pluginstate_changelist"),
            path("<slug:plugin>/switch/", guard(self.switch), name="plugin_host_switch"),
            path("<slug:plugin>/health/", guard(self.check_health), name="plugin_host_check"),
            path("<slug:plugin>/runs/", guard(self.runs), name="plugin_host_runs"),
            path("circuits/<int:pk>/close/", guard(self.close), name="plugin_host_close"),
            path("circuits/<int:pk>/health/", guard(self.health), name="plugin_host_health"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """All plugins; `?open=<slug>` unfolds the switch of one."""
        self._require(request, "view")
        counts.flush()
        cards = queries.cards()
        return self._render(
            request,
            "page",
            _("Plugins"),
            cards=cards,
            api_version=API_VERSION,
            may_change=self.has_change_permission(request),
            troubled=sum(card.tone in {"wrong", "soon"} for card in cards),
        )

    def switch(self, request: HttpRequest, plugin: str) -> HttpResponse:
        """Ask why, then switch on or off."""
        self._require(request, "change")
        card = next((card for card in queries.cards() if card.slug == plugin), None)
        if card is None:
            return HttpResponseRedirect(reverse(HOME))
        scope = (request.POST.get("scope") or request.GET.get("scope") or "").strip()[:60]
        error = ""
        if request.method == "POST":
            turn_on = request.POST.get("enabled") == "1"
            reason = request.POST.get("reason", "")
            try:
                services.set_enabled(plugin, turn_on, actor_of(request), reason, scope or None)
            except services.NotPossible as refusal:
                error = str(refusal)
            else:
                word = _("%(name)s is switched on.") if turn_on else _("%(name)s is switched off.")
                messages.success(request, word % {"name": card.title})
                return HttpResponseRedirect(reverse(HOME))
        return self._render(request, "switch", card.title, card=card, scope=scope, is_on=card.is_on(scope), error=error)

    def runs(self, request: HttpRequest, plugin: str) -> HttpResponse:
        """Failed calls of one plugin with what was told about each."""
        self._require(request, "view")
        found = [one for one in loader.registry().found if one.slug == plugin]
        title = queries.in_language(found[0].manifest.name) if found and found[0].manifest else plugin
        return self._render(request, "runs", title, plugin=plugin, runs=queries.runs_of(plugin))

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A person says that the cause is mended."""
        circuit = self._circuit_for(request, pk)
        if isinstance(circuit, HttpResponse):
            return circuit
        if services.close_circuit(circuit, actor_of(request), request.POST.get("reason", "")):
            messages.success(request, _("The circuit is closed; waiting work goes on."))
        else:
            messages.info(request, _("The circuit was closed already."))
        return HttpResponseRedirect(reverse(HOME))

    def check_health(self, request: HttpRequest, plugin: str) -> HttpResponse:
        """Ask every account and every health check of one plugin how it is."""
        self._require(request, "change")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        counts.flush()
        answers = services.check_plugin(plugin)
        unwell = [answer for answer in answers if not answer.well]
        for answer in unwell:
            messages.warning(request, _("%(account)s: %(detail)s") % {"account": answer.name, "detail": answer.detail})
        if not answers:
            messages.info(request, _("No account has used this plugin within a week."))
        elif not unwell:
            messages.success(request, _("All accounts that use this plugin are well."))
        return HttpResponseRedirect(reverse(HOME))

    def health(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the instance behind a circuit how it is."""
        circuit = self._circuit_for(request, pk)
        if isinstance(circuit, HttpResponse):
            return circuit
        outcome = services.check_health(circuit.instance)
        if services.is_well(outcome):
            messages.success(request, _("The health check went well; the next call is a trial."))
        else:
            detail = outcome.value.detail if outcome.ok else outcome.message or outcome.error_class
            messages.warning(request, _("The health check failed: %(detail)s") % {"detail": detail})
        return HttpResponseRedirect(reverse(HOME))

    def _circuit_for(self, request: HttpRequest, pk: int) -> Circuit | HttpResponse:
        self._require(request, "change")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return get_object_or_404(Circuit, pk=pk)

    def _require(self, request: HttpRequest, what: str) -> None:
        if not getattr(self, f"has_{what}_permission")(request):
            raise PermissionDenied

    def _render(self, request: HttpRequest, name: str, title: str, **values: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **values}
        return render(request, f"plugin_host/{name}.html", context)


@admin.register(PluginRun)
class PluginRunAdmin(ScopedModelAdmin):
    """Failed calls, read only."""

    list_display = ("at", "plugin", "method", "kind", "error", "instance", "milliseconds")
    list_filter = ("plugin", "method", "kind")
    search_fields = ("error", "correlation_id", "instance")
    ordering = ("-at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
