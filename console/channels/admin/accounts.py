"""Channel accounts: made in two steps, tested before they work, paused and resumed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.plugin_api.channels import HealthResult, HealthState
from console.plugin_host.config_forms import ConfigPage

from .. import forms, gateway, services
from ..models import AccountState, ChannelAccount, Touchpoint
from ..services.accounts import kind_of
from ..standing import standing
from .base import TONES, ScopedModelAdmin, actor_of, display, require

LIST = "admin:channels_channelaccount_changelist"
FORM = "admin:channels_channelaccount_change"
HEALTH_TONES = {"ok": "success", "degraded": "warning", "auth_failed": "danger", "down": "danger"}


@admin.register(ChannelAccount)
class ChannelAccountAdmin(ScopedModelAdmin):
    """The list, and pages of our own for everything that changes an account."""

    list_display = ("name", "connector", "address", "shown_state", "state_reason", "state_since", "shown_health")
    list_filter = ("state", "connector", "site")
    search_fields = ("name", "address")

    @display(description=gettext_lazy("state"), ordering="state", label=TONES)
    def shown_state(self, account: ChannelAccount) -> tuple[str, str]:
        return account.state, account.get_state_display()

    @display(description=gettext_lazy("health"))
    def shown_health(self, account: ChannelAccount) -> str:
        return account.health_detail or account.health or "–"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        own = [
            path("add/", guard(self.choose), name="channels_channelaccount_add"),
            path("add/<slug:connector>/", guard(self.create), name="channels_account_create"),
            path("<int:pk>/change/", guard(self.edit), name="channels_channelaccount_change"),
            path("<int:pk>/test/", guard(self.test), name="channels_account_test"),
            path("<int:pk>/activate/", guard(self.activate), name="channels_account_activate"),
            path("<int:pk>/pause/", guard(self.pause), name="channels_account_pause"),
        ]
        return own + super().get_urls()

    def choose(self, request: HttpRequest) -> HttpResponse:
        """First step: which connector."""
        require(request, "channel.configure")
        return self._page(request, "choose", _("New channel account"), connectors=forms.connector_choices())

    def create(self, request: HttpRequest, connector: str) -> HttpResponse:
        """Second step: the form."""
        require(request, "channel.configure")
        account = ChannelAccount(connector=connector, channel_kind=kind_of(connector))
        return self._form(request, account, _("New channel account"))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """An account with its state, its form and its buttons."""
        require(request, "channel.view")
        account = get_object_or_404(self.get_queryset(request), pk=pk)
        return self._form(request, account, account.name)

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try to sign in."""
        account = self._for_change(request, pk)
        if isinstance(account, HttpResponse):
            return account
        result = services.test_account(account)
        if result.state == HealthState.OK:
            messages.success(request, _("The connection works."))
        else:
            detail = {"detail": _said(result, forms.config_of(account))}
            messages.error(request, _("The connection does not work: %(detail)s") % detail)
        return HttpResponseRedirect(reverse(FORM, args=[pk]))

    def activate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start or resume; tested first."""
        account = self._for_change(request, pk)
        if isinstance(account, HttpResponse):
            return account
        try:
            services.activate(account, actor_of(request))
        except services.NotTested as error:
            detail = {"detail": _said(error.result, forms.config_of(account))}
            messages.error(request, _("Not started: the connection does not work: %(detail)s") % detail)
        else:
            messages.success(request, _("%(name)s is working.") % {"name": account.name})
        return HttpResponseRedirect(reverse(FORM, args=[pk]))

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop fetching and sending, with a reason."""
        account = self._for_change(request, pk)
        if isinstance(account, HttpResponse):
            return account
        reason = request.POST.get("reason", "").strip()
        if not reason:
            messages.error(request, _("Say why: the reason is kept with the change."))
        else:
            services.pause(account, actor_of(request), reason)
            messages.success(request, _("%(name)s is paused.") % {"name": account.name})
        return HttpResponseRedirect(reverse(FORM, args=[pk]))

    def _for_change(self, request: HttpRequest, pk: int) -> ChannelAccount | HttpResponse:
        require(request, "channel.configure")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _form(self, request: HttpRequest, account: ChannelAccount, title: str) -> HttpResponse:
        data = request.POST if request.method == "POST" else None
        if data is not None:
            require(request, "channel.configure")
        own = forms.AccountForm(data, instance=account, user=request.user)
        config = forms.config_of(account, data)
        for one in config.fields:
            if one.name in ("address", "aliases"):
                del own.fields[one.name]
        if data is not None and all([own.is_valid(), config.valid]):
            return self._save(request, own, config)
        return self._page(
            request,
            "account",
            title,
            account=account,
            own=own,
            config=config,
            may_change=self.has_change_permission(request, account),
            can_start=account.pk and account.state not in (AccountState.ACTIVE, AccountState.DEGRADED),
            can_pause=account.pk and account.state in (AccountState.ACTIVE, AccountState.DEGRADED),
            tone=TONES.get(account.state, "info"),
            standing=standing(account) if account.pk else [],
            health_tone=HEALTH_TONES.get(account.health, "info"),
            hook=request.build_absolute_uri(reverse("hook", args=[account.uid])) if _has_hook(account) else "",
        )

    def _save(self, request: HttpRequest, own: Any, config: ConfigPage) -> HttpResponse:
        """Store, then test at once: what does not work stays a draft and says why."""
        with transaction.atomic():
            account = own.save(commit=False)
            services.configure(account, config.plain, config.secrets, actor_of(request))
        result = services.test_account(account)
        if result.state == HealthState.OK:
            messages.success(request, _("Saved, and the connection works."))
        else:
            messages.warning(
                request, _("Saved. The connection does not work yet: %(detail)s") % {"detail": _said(result, config)}
            )
        return HttpResponseRedirect(reverse(FORM, args=[account.pk]))

    def _page(self, request: HttpRequest, name: str, title: str, **values: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **values}
        return render(request, f"channels/{name}.html", context)


@admin.register(Touchpoint)
class TouchpointAdmin(ScopedModelAdmin):
    list_display = ("name", "code", "parent", "site", "active")
    list_select_related = ("parent", "site")
    list_filter = ("active", "site")
    search_fields = ("name", "code")


def _said(result: HealthResult, config: ConfigPage) -> str:
    """What the test said, with the name of the field it points at."""
    words = result.detail or str(result.state)
    label = config.label_of(result.field) if result.field else ""
    return f"{label}: {words}" if label else words


def _has_hook(account: ChannelAccount) -> bool:
    return bool(account.pk) and gateway.capabilities(account).inbound_webhook
