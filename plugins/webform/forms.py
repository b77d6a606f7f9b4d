"""What an administrator is asked when a form account is made."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from console.plugin_api.forms import ConfigForm


class WebformConfigForm(ConfigForm):
    """A form needs no server and no password, only its limits."""

    max_file_mb = forms.IntegerField(
        label=_("Largest file (MB)"),
        min_value=1,
        max_value=50,
        initial=20,
        help_text=_("Photos are made smaller first."),
    )
    max_total_mb = forms.IntegerField(
        label=_("Largest form with its files (MB)"), min_value=1, max_value=100, initial=50
    )
