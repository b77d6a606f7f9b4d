"""Who answers for which product: whoever manages staff says so, since it opens customers' matters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from console.foundation.admin import ScopedModelAdmin
from console.staff.access import can

from .. import config, services
from ..models import ProductOwner


def products() -> list[tuple[str, str]]:
    """The products there are, each under the branch it stands in."""
    known = config.tree(ProductOwner.DIMENSION).values()
    return [(row.code, config.path_label(ProductOwner.DIMENSION, row.path)) for row in known]


class ProductOwnerForm(forms.ModelForm):
    code = forms.ChoiceField(
        label=_("product"),
        choices=products,
        widget=UnfoldAdminSelectWidget,
        help_text=_("With everything that lies under it. The colleague also needs a role that sees cases."),
    )

    class Meta:
        model = ProductOwner
        fields = ["user", "code"]


@admin.register(ProductOwner)
class ProductOwnerAdmin(ScopedModelAdmin):
    """Named and taken back, never rewritten: the record tells both."""

    form = ProductOwnerForm
    list_display = ["user", "product", "since"]
    list_filter = ["user"]
    autocomplete_fields = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "staff.manage")

    def has_change_permission(self, request: HttpRequest, obj: ProductOwner | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProductOwner | None = None) -> bool:
        return can(request.user, "staff.manage", obj.user if obj else None)

    @display(description=_("product"), ordering="code")
    def product(self, row: ProductOwner) -> str:
        category = config.tree(ProductOwner.DIMENSION).get(row.code)
        return config.path_label(ProductOwner.DIMENSION, category.path) if category else row.code

    def save_model(self, request: HttpRequest, obj: ProductOwner, form: Any, change: bool) -> None:
        row = services.give_product(obj.user, obj.code, request.user)
        obj.pk, obj._state.adding = row.pk, False

    def delete_model(self, request: HttpRequest, obj: ProductOwner) -> None:
        services.take_product(obj, request.user)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Back to the list, which is open to whoever may take back but not rewrite."""
        super().response_delete(request, obj_display, obj_id)
        return redirect("admin:cases_productowner_changelist")
