"""The hub's pages about customers: masked lists, changes through services, looks on record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from console.foundation.admin import ScopedModelAdmin, ScopedTabularInline
from console.staff.access import can

from .errors import Refusal
from .models import AccessGrant, Consent, Contact, Customer, Identifier, Identity, Tag, Unmasking
from .normal import NotAnIdentifier, normal
from .queries import masked
from .services import finding, opening, profile

PLACE = ["site", "team", "manager"]
PREFERENCES = ["language", "preferred_channel", "time_zone", "lifecycle"]
FLAGS = ["tier", "is_sensitive", "do_not_market"]
NEW_NUMBERS = ("phone", "email", "customer_no")


class NewCustomerForm(forms.ModelForm):
    """A customer and the numbers they are found by."""

    phone = forms.CharField(label=_("telephone"), required=False, widget=UnfoldAdminTextInputWidget)
    email = forms.CharField(label=_("e-mail"), required=False, widget=UnfoldAdminTextInputWidget)
    customer_no = forms.CharField(label=_("customer number"), required=False, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Customer
        fields = ["kind", "display_name", *NEW_NUMBERS, *PREFERENCES, "site", "team"]
        widgets = {"display_name": UnfoldAdminTextInputWidget}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for kind in NEW_NUMBERS:
            if data.get(kind):
                try:
                    normal(kind, data[kind])
                except NotAnIdentifier:
                    self.add_error(kind, ValidationError(_("This cannot be such a number or address.")))
        return data


class Shown(ScopedTabularInline):
    """Rows to look at; they change on the customer's page of the desk."""

    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IdentifierInline(Shown):
    model = Identifier
    fields = ["kind", "mask", "label", "is_primary", "verified_at"]


class IdentityInline(Shown):
    model = Identity
    fields = ["channel_kind", "masked_address", "level", "method", "verified_at", "expires_at"]
    readonly_fields = ["masked_address"]

    @display(description=_("address"))
    def masked_address(self, identity: Identity) -> str:
        return str(identity)


class ContactInline(Shown):
    model = Contact
    fk_name = "customer"
    fields = ["masked_name", "position", "is_active"]
    readonly_fields = ["masked_name"]

    @display(description=pgettext_lazy("person", "name"))
    def masked_name(self, contact: Contact) -> str:
        return str(contact)


class ConsentInline(Shown):
    model = Consent
    fields = ["purpose", "channel_kind", "state", "at", "expires_at", "source"]
    verbose_name_plural = _("consent ledger")


@admin.register(Customer)
class CustomerAdmin(ScopedModelAdmin):
    """Searching takes an exact number or a whole name; a part of one finds nothing."""

    list_display = ["masked_name", "kind", "tier", "lifecycle", "site", "is_provisional", "created_at"]
    list_filter = ["kind", "tier", "lifecycle", "site", "is_provisional", "is_sensitive", "do_not_market"]
    list_select_related = ["site"]
    search_fields = ["uid"]
    search_help_text = _("Whole name, telephone, e-mail, document, card or customer number")
    inlines = [IdentifierInline, IdentityInline, ContactInline, ConsentInline]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The name column masks for whoever is asking, so it is made for each request."""

        @display(description=pgettext_lazy("person", "name"))
        def name(customer: Customer) -> str:
            return masked(customer, request.user).name.text

        return [name, *self.list_display[1:]]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        ids = [found.customer_id for found in finding.find(request.user, search_term)]
        return queryset.filter(pk__in=ids), False

    def get_form(self, request: HttpRequest, obj: Customer | None = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **({} if obj else {"form": NewCustomerForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Customer | None = None) -> list[str]:
        if obj is None:
            return NewCustomerForm.Meta.fields
        return ["masked_name", "kind", *PREFERENCES, *PLACE, *FLAGS, "is_provisional", "uid", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Customer | None = None) -> list[str]:
        if obj is None:
            return []
        fixed = ["masked_name", "is_provisional", "uid", "created_at"]
        return fixed if can(request.user, "customer.flag", obj) else [*fixed, *FLAGS]

    def get_inlines(self, request: HttpRequest, obj: Customer | None = None) -> list[Any]:
        return self.inlines if obj else []

    @display(description=pgettext_lazy("person", "name"))
    def masked_name(self, customer: Customer) -> str:
        return str(customer)

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        customer = self.get_object(request, object_id)
        if customer is not None and request.method == "GET":
            opening.open_customer(request.user, customer)
        return super().change_view(request, object_id, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refusal as refusal:
            messages.error(request, refusal.text)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        values = dict(form.cleaned_data)
        if change:
            changes = {name: values[name] for name in form.changed_data if name in values}
            profile.update_customer(request.user, Customer.objects.get(pk=obj.pk), **changes)
            return
        numbers = {kind: values.pop(kind) for kind in NEW_NUMBERS if values.get(kind)}
        values = {name: value for name, value in values.items() if value and name not in NEW_NUMBERS}
        made = profile.create_customer(request.user, identifiers=numbers, **values)
        obj.pk, obj.uid, obj._state.adding = made.pk, made.uid, False


@admin.register(Tag)
class TagAdmin(ScopedModelAdmin):
    list_display = ["label", "code", "colour", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name", "name_en"]
    fields = ["name", "name_en", "code", "colour", "description", "is_active"]
    prepopulated_fields = {"code": ["name_en"]}

    def has_delete_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        profile.save_tag(request.user, obj)


class LedgerAdmin(ScopedModelAdmin):
    """Rows nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def scope_queryset(self, request: HttpRequest, rows: Any) -> Any:
        return rows.filter(customer__in=Customer.objects.visible_to(request.user))


@admin.register(AccessGrant)
class AccessGrantAdmin(LedgerAdmin):
    """Who opened whom outside their scope, and why."""

    list_display = ["user", "customer", "work", "created_at", "until", "revoked_at"]
    list_filter = ["created_at"]
    list_select_related = ["user", "customer"]
    fields = ["user", "customer", "reason", "work", "created_at", "until", "revoked_at"]
    actions = ["take_back"]

    @admin.action(description=_("Take the access back"))
    def take_back(self, request: HttpRequest, queryset: Any) -> None:
        if not can(request.user, "customer.flag"):
            messages.error(request, _("Your role does not allow this."))
            return
        for grant in queryset.filter(revoked_at=None):
            opening.revoke_grant(grant, request.user)


@admin.register(Unmasking)
class UnmaskingAdmin(LedgerAdmin):
    """Every look behind a mask, with its reason."""

    list_display = ["user", "customer", "field", "at"]
    list_filter = ["at"]
    list_select_related = ["user", "customer"]
    fields = ["user", "customer", "field", "reason", "at"]
