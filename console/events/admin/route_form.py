from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from console.foundation.http.addresses import check_web_address

from ..models import AlarmRoute

KEEP = "•" * 12


class RouteForm(forms.ModelForm):
    """A route whose target fits its way. The secret is written, never shown."""

    secret = forms.CharField(
        label=_("webhook secret"),
        required=False,
        widget=forms.PasswordInput(render_value=True),
        help_text=_("Signs each call, so that the receiver can tell it is ours."),
    )

    class Meta:
        model = AlarmRoute
        fields = [
            "name",
            "kind",
            "target",
            "secret",
            "language",
            "min_severity",
            "codes",
            "owner",
            "grace_minutes",
            "remind_minutes",
            "active",
        ]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["secret"] = KEEP if self.instance.pk and self.instance.secret else ""

    def clean_secret(self) -> str:
        value = self.cleaned_data["secret"]
        return self.instance.secret if value == KEEP else value

    def clean(self):
        data = super().clean()
        kind, target = data.get("kind"), (data.get("target") or "").strip()
        if kind and target:
            try:
                _CHECKS[kind](target)
            except ValidationError as error:
                self.add_error("target", error)
        return data


def _mail(target: str) -> None:
    for address in target.split(","):
        validate_email(address.strip())


def _syslog(target: str) -> None:
    host, colon, port = target.rpartition(":")
    if colon and (not host or not port.isdigit() or not 0 < int(port) < 65536):
        raise ValidationError(_("Write host:port, like logs.bank.example:514."))


_CHECKS = {"mail": _mail, "webhook": check_web_address, "syslog": _syslog}
