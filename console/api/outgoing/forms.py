"""What an administrator is asked when a webhook is made or changed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from console.foundation.http.addresses import check_web_address

from ..models import Webhook

MOST_TYPES = 30


class WebhookForm(forms.ModelForm):
    """Name, address and wishes. The address is shown to who may change it, and to nobody else."""

    url = forms.CharField(
        label=_("address"),
        max_length=1000,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "url", "autocomplete": "off"}),
        help_text=_("Called with POST and JSON. Inner addresses have to be allowed by HUIYIN_HTTP_ALLOW."),
    )
    types = forms.CharField(
        label=_("event types"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One in each line, * stands for anything: case.*, or delivery.failed. The event log shows them."),
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "types"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["types"] = "\n".join(self.instance.patterns)

    def clean_url(self) -> str:
        check_web_address(self.cleaned_data["url"])
        return self.cleaned_data["url"].strip()

    def clean_types(self) -> str:
        return checked_types(self.cleaned_data["types"])


def checked_types(text: str) -> str:
    """Globs, from lines or commas, as they are stored. Raises ValidationError."""
    parts = list(dict.fromkeys(text.replace(",", " ").split()))
    wrong = [part for part in parts if not part.isascii() or part.strip("abcdefghijklmnopqrstuvwxyz0123456789_.*:")]
    if wrong:
        text = _("This is no event type: %(part)s. Types look like case.opened; * stands for anything.")
        raise ValidationError(text, params={"part": wrong[0][:40]}, code="type")
    if not 0 < len(parts) <= MOST_TYPES:
        raise ValidationError(_("Name one to %(most)s types."), params={"most": MOST_TYPES}, code="count")
    return ",".join(parts)
