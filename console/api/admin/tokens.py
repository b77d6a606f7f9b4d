from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from console.foundation.admin import ScopedModelAdmin
from console.staff.access import can
from console.staff.models import User

from .. import services
from ..models import ApiToken
from ..permissions import subjects

READ, WRITE = _("read"), _("change")


def scope_choices() -> list[tuple[str, Any]]:
    """Everything, then reading and changing of each resource."""
    each = [
        (f"{name}:{how}", f"{name} – {word}") for name in subjects() for how, word in (("read", READ), ("write", WRITE))
    ]
    return [("*", _("everything its user may do")), *each]


class NewTokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=scope_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A token never reaches further than its user."),
    )

    class Meta:
        model = ApiToken
        fields = ["user", "name", "scopes", "expires_at"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        user = data.get("user")
        if user is not None and not services.may_issue(self.actor, user):
            raise ValidationError({"user": _("You may make tokens for yourself only.")})
        return data


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedModelAdmin):
    """Tokens are issued here and shown once; afterwards only their first letters. People see their own."""

    list_display = ["name", "user", "hint", "reach", "state", "created_at", "expires_at", "last_used_on"]
    list_select_related = ["user"]
    search_fields = ["name"]
    actions = ["revoke"]

    def scope_queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        everybody = can(request.user, "staff.manage") or can(request.user, "audit.read")
        return rows if everybody else rows.filter(user=request.user)

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        made = super().get_form(request, obj, form=NewTokenForm, **kwargs)
        made.actor = request.user
        return made

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:
        if obj is None:
            return NewTokenForm.Meta.fields
        return ["user", "name", "hint", "reach", "state", "created_at", "expires_at", "last_used_on", "revoked_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj is not None else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk, **super().get_changeform_initial_data(request)}

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet | None:
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name != "user":
            return rows
        people = User.objects.filter(is_active=True)
        return people if can(request.user, "staff.manage") else people.filter(pk=request.user.pk)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    @display(description=_("scopes"))
    def reach(self, token: ApiToken) -> Any:
        return _("everything its user may do") if "*" in token.scopes else ", ".join(token.scopes)

    @display(description=_("state"), label={"live": "success", "expired": "warning", "revoked": "danger"})
    def state(self, token: ApiToken) -> tuple[str, Any]:
        words = {"live": pgettext_lazy("token", "in use"), "expired": _("expired"), "revoked": _("revoked")}
        return token.state, words[token.state]

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        data = form.cleaned_data
        token, secret = services.issue_token(
            data["user"], data["name"], data["scopes"], data["expires_at"], actor=request.user
        )
        obj.pk = token.pk
        text = _("Copy the token now, it is shown only once: %(secret)s") % {"secret": secret}
        self.message_user(request, text, messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet) -> None:
        for token in queryset:
            services.revoke_token(token, actor=request.user)
        self.message_user(request, _("Revoked; requests with these tokens are refused from now on."))
