"""Forms of the account pages and of the hub's staff pages."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from . import brute_force
from .models import User

COMMON_ZONES = ["Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Singapore", "Europe/London", "UTC"]


class LoginForm(AllauthLoginForm):
    """Labels stand above the boxes, so the boxes repeat nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class CountedCode:
    """Wrong codes are counted in rows too: the count of one process is not enough."""

    def clean_code(self) -> str:
        if brute_force.second_factor_locked(self.user):
            raise ValidationError(_("Too many wrong codes. Wait five minutes and try again."))
        return super().clean_code()


class AuthenticateForm(CountedCode, AllauthAuthenticateForm):
    pass


class AddWebAuthnForm(AllauthAddWebAuthnForm):
    """allauth leaves its one visible field without a name in our languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")


class ReauthenticateForm(CountedCode, AllauthReauthenticateForm):
    pass


def zone_choices() -> list[tuple[str, str]]:
    """The zones people here choose first, then all others."""
    others = sorted(zone for zone in available_timezones() if "/" in zone and zone not in COMMON_ZONES)
    return [(zone, zone) for zone in [*COMMON_ZONES, *others]]


class PreferencesForm(forms.Form):
    """What people choose for themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        initial = {"language": user.language, "time_zone": user.time_zone}
        super().__init__(*args, initial=initial, **kwargs)


class HandOverForm(forms.Form):
    """Who takes over, and the username typed once more: this ends an account."""

    to = forms.ModelChoiceField(label=_("Hand open work to"), queryset=User.objects.none())
    confirm = forms.CharField(label=_("Type the username of the person who leaves"), max_length=150)

    def __init__(self, *args: Any, user: User, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["to"].queryset = colleagues.filter(is_active=True, left_at=None).exclude(pk=user.pk)

    def clean_confirm(self) -> str:
        text = self.cleaned_data["confirm"].strip()
        if text != self.user.username:
            raise ValidationError(_("This is not the username of the person who leaves."))
        return text
