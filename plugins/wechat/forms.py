"""What an administrator is asked when an Official Account is connected."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.plugin_api.forms import SECRET_KEPT, ConfigForm, SecretField

PLAIN, COMPATIBLE, SAFE = "plain", "compatible", "safe"
KEY = re.compile(r"[A-Za-z0-9]{43}\Z")


class WechatConfigForm(ConfigForm):
    """The page “Settings and development → Basic configuration” of the account, in its order."""

    app_id = forms.RegexField(r"\Awx[0-9a-zA-Z]{6,40}\Z", label=_("AppID"), max_length=42)
    app_secret = SecretField(label=_("AppSecret"))
    address = forms.CharField(
        label=_("Original ID"),
        max_length=60,
        required=False,
        help_text=_("Begins with gh_. With it, a call for another account is not read."),
    )
    token = SecretField(label=_("Token"), help_text=_("The same as there; 3 to 32 letters and digits."))
    mode = forms.ChoiceField(
        label=_("Message encryption"),
        choices=((SAFE, _("Safe mode")), (COMPATIBLE, _("Compatible mode")), (PLAIN, _("Plain mode"))),
        help_text=_("Only in safe and compatible mode is what comes protected against change."),
    )
    encoding_aes_key = SecretField(label=_("EncodingAESKey"), required=False, help_text=_("43 letters and digits."))
    endpoint = forms.URLField(
        label=_("API address"),
        initial="https://api.weixin.qq.com",
        assume_scheme="https",
        help_text=_("Another one only where the bank's network has a proxy of its own for it."),
    )

    groups = (
        (_("Account"), ("app_id", "app_secret", "address", "endpoint")),
        (_("Server configuration"), ("token", "mode", "encoding_aes_key")),
    )
    only_when = {"encoding_aes_key": ("mode", SAFE, COMPATIBLE)}

    def clean(self) -> dict[str, Any]:
        """The key where the mode needs one, in the shape it has."""
        data = super().clean() or self.cleaned_data
        key = data.get("encoding_aes_key", "")
        if data.get("mode") != PLAIN and "encoding_aes_key" in data and not key:
            self.add_error("encoding_aes_key", forms.ValidationError(_("This mode needs the key."), code="required"))
        typed = key and key != SECRET_KEPT and not key.startswith(("env:", "file:"))
        if typed and not KEY.match(key):
            self.add_error("encoding_aes_key", forms.ValidationError(_("It has 43 letters and digits."), code="shape"))
        return data
