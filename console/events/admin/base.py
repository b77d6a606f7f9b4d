from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from console.foundation.admin import ScopedModelAdmin
from console.foundation.api.views import may

from ..context import Actor

LIMIT = 1000


class ReasonForm(forms.Form):
    """Rows chosen in a list, and why a person decides about them."""

    ids = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextInputWidget)

    def clean_ids(self) -> list[int]:
        parts = [part for part in self.cleaned_data["ids"].split(",") if part]
        if not parts or len(parts) > LIMIT or not all(part.isdigit() for part in parts):
            raise forms.ValidationError(_("Choose from the list again."))
        return [int(part) for part in parts]


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in member of staff as an actor."""
    return Actor("staff", str(request.user.pk), request.user.get_username())


class ReadOnlyAdmin(ScopedModelAdmin):
    """Pages that show and never change."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


__all__ = ["LIMIT", "ReadOnlyAdmin", "ReasonForm", "actor_of", "may"]
