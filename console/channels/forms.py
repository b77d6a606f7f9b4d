"""Accounts in a form: what every account has, and what its connector asks for. One form for the hub and the API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.plugin_api.forms import ConfigForm
from console.plugin_host import credentials
from console.plugin_host.instances import connector_entries, connectors

from .models import ChannelAccount

PREFIX = "config"
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


class ChooseConnector(forms.Form):
    """The first step of a new account."""

    connector = forms.ChoiceField(label=_("Connector"), choices=connector_choices, widget=forms.RadioSelect)


class AccountForm(forms.ModelForm):
    """What every account has."""

    aliases = forms.CharField(
        label=_("Other addresses"), required=False, help_text=_("Addresses that are ours too, separated by commas.")
    )

    class Meta:
        model = ChannelAccount
        fields = OWN_FIELDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["aliases"] = ", ".join(self.instance.aliases)

    def clean_aliases(self) -> list[str]:
        return [part.strip() for part in self.cleaned_data["aliases"].replace("，", ",").split(",") if part.strip()]


def config_form(connector: str, account: ChannelAccount | None = None, data: Any = None) -> ConfigForm | None:
    """The connector's own form, filled with what is stored; None for a connector that is not there."""
    cls = connectors().get(connector)
    if cls is None:
        return None
    stored = credentials.stored_names(account.ref) if account is not None and account.pk else ()
    initial = account.config if account is not None else {}
    return cls.config_form(data=data, initial=initial, stored_secrets=stored, prefix=PREFIX)
