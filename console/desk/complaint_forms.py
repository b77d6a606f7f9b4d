"""Dialogs of the regulated complaint."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Case, Limit, Party
from console.customers.queries import masked
from console.staff.access import can

from . import people
from .forms import CaseForm, choices, reason


def day(label: Any, required: bool = False, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}), **more)


class RowForm(CaseForm):
    """A dialog about one row beside the case; `row` is its number in the address."""

    def __init__(self, user: Any, case: Case, data: Any = None, *, row: str = "", **kwargs: Any) -> None:
        self.row = int(row) if row.isdigit() else 0
        super().__init__(user, case, data, **kwargs)


class MaterialForm(CaseForm):
    """One document that came: what it is, which file it is, whose it is."""

    def build(self) -> None:
        kinds = [(row.code, row.label) for row in spec_of(self.case.version).material_kinds]
        files = [(str(row.pk), row.name) for row in services.files_of(self.case)]
        parties = [(str(row.pk), f"{row.name} · {row.get_role_display()}") for row in self.case.parties.all()]
        self.fields["kind"] = forms.ChoiceField(label=_("Material"), choices=choices(kinds))
        if parties:
            self.fields["party"] = forms.ChoiceField(
                label=_("Whose"), choices=choices(parties, _("The customer's own")), required=False
            )
        self.fields["attachment"] = forms.ChoiceField(
            label=_("File"),
            choices=choices(files, _("No file: paper, or seen at the counter")),
            required=False,
            help_text=_("Files the customer sent in this case."),
        )
        self.fields["original_seen"] = forms.BooleanField(label=_("The original was seen"), required=False)
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=300)


class PartyForm(CaseForm):
    """Somebody beside the customer."""

    def build(self) -> None:
        limit = spec_of(self.case.version).limit(Limit.Kind.REPRESENTATIVES)
        most = _("At most %(most)s representatives.") % {"most": limit.amount} if limit else ""
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=choices(list(Party.Role.choices)), help_text=most
        )
        self.fields["name"] = forms.CharField(label=_("Full name"), max_length=120)
        self.fields["contact"] = forms.CharField(label=_("Telephone or mail address"), max_length=200, required=False)
        self.fields["scope"] = forms.MultipleChoiceField(
            label=_("May"), choices=Party.Scope.choices, widget=forms.CheckboxSelectMultiple, required=False
        )
        self.fields["valid_from"] = day(_("Acts from"))
        self.fields["expires_on"] = day(_("Acts until"))
        self.fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=300)


class InterestForm(CaseForm):
    """Who keeps out of the matter, and why."""

    def build(self) -> None:
        persons = [(str(self.user.pk), _("Me (%(name)s)") % {"name": self.user.label})]
        if can(self.user, "case.recuse", self.case):
            persons += [(str(row.pk), row.label) for row in people.anybody(self.user)]
        self.fields["user"] = forms.ChoiceField(label=_("Who"), choices=persons)
        self.fields["reason"] = reason(
            help_text=_("Family, friendship, money, or a part in what the complaint is about.")
        )


class OnlyReason(RowForm):
    def build(self) -> None:
        self.fields["reason"] = reason()


class Sure(RowForm):
    """An act on one row that asks for nothing."""


class PayForm(RowForm):
    def build(self) -> None:
        self.fields["paid_on"] = day(_("Paid on"))
        self.fields["reference"] = forms.CharField(label=_("Payment reference"), max_length=60, required=False)


class ForwardingForm(CaseForm):
    """An item a regulator forwarded."""

    def build(self) -> None:
        self.fields["authority"] = forms.CharField(label=_("Regulator"), max_length=120)
        self.fields["number"] = forms.CharField(label=_("The regulator's number"), max_length=60)
        moment = {"type": "datetime-local"}
        self.fields["reached_at"] = forms.DateTimeField(
            label=_("Reached the bank"), required=False, widget=forms.DateTimeInput(attrs=moment)
        )
        self.fields["answer_by"] = forms.DateTimeField(
            label=_("Answer by, as the regulator wrote"),
            required=False,
            widget=forms.DateTimeInput(attrs=moment),
            help_text=_("Empty: the deadline of this case type counts."),
        )


class AnsweredForm(RowForm):
    def build(self) -> None:
        self.fields["answered_on"] = day(_("Answered on"))
        self.fields["reference"] = forms.CharField(label=_("Number of our answer"), max_length=60, required=False)


class RecheckForm(CaseForm):
    def build(self) -> None:
        self.fields["reason"] = reason(label=_("What the customer objects to"))


def customer_name(case: Case, user: Any) -> str:
    return masked(case.customer, user).name.text if case.customer else ""
