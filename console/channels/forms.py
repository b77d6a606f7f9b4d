"""Accounts in a form: what every account has; what its connector asks for is drawn by plugin_host.config_forms."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from console.plugin_host.config_forms import ConfigPage, config_page
from console.plugin_host.instances import connector_entries

from .models import ChannelAccount

COMMON_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Urumqi", "Asia/Singapore", "Europe/London", "UTC")
OWN_FIELDS = (
    "name",
    "address",
    "aliases",
    "site",
    "team",
    "touchpoint",
    "language",
    "time_zone",
    "poll_seconds",
    "send_concurrency",
)


def connector_choices() -> list[tuple[str, Any]]:
    """Every connector that is there, by its label."""
    return sorted(((slug, entry.label) for slug, entry in connector_entries().items()), key=lambda item: str(item[1]))


def zone_choices() -> list[tuple[str, Any]]:
    """Time zones, those near the bank first."""
    rest = sorted(name for name in available_timezones() if "/" in name and name not in COMMON_ZONES)
    return [(name, name) for name in (*COMMON_ZONES, *rest)]


class AccountForm(forms.ModelForm):
    """What every account has."""

    aliases = forms.CharField(
        label=_("Other addresses"), required=False, help_text=_("Addresses that are ours too, separated by commas.")
    )

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    class Meta:
        model = ChannelAccount
        fields = OWN_FIELDS
        help_texts = {
            "site": _("Whose account it is; empty: everybody's."),
            "team": _("New conversations go to this team."),
            "touchpoint": _("Where customers meet this account; noted on each message."),
            "language": _("Spoken by the connector towards customers where they have said nothing."),
            "poll_seconds": _("How often the connector looks for new messages."),
            "send_concurrency": _("How many messages may be on their way to the provider at once."),
        }

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("site", "team", "touchpoint"):
            self.fields[name].queryset = self.fields[name].queryset.visible_to(user, "channel.view")
        self.initial["aliases"] = ", ".join(self.instance.aliases)

    def clean_aliases(self) -> list[str]:
        return [part.strip() for part in self.cleaned_data["aliases"].replace("，", ",").split(",") if part.strip()]


def config_of(account: ChannelAccount, data: QueryDict | None = None) -> ConfigPage:
    """The connector's own form with what is stored for this account, or with what was posted."""
    return config_page(account.connector, account.ref if account.pk else "", account.config, data=data)
