"""What a move asks for besides the case's own fields, by its trigger: grounds, words, material."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from console.cases import services
from console.cases.config import spec_of
from console.cases.models import Proceeding


def words(label: Any, help_text: Any = "", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def accepted(form: Any) -> None:
    form.fields["words"] = words(
        _("Words for the customer"), _("Added to the notice of acceptance; may stay empty."), required=False
    )


def not_accepted(form: Any) -> None:
    rows = [(row.code, row.label) for row in spec_of(form.case.version).choices if row.kind == "non_acceptance"]
    form.fields["grounds"] = forms.ChoiceField(label=_("Grounds"), choices=[("", _("Choose …")), *rows])
    form.fields["words"] = words(
        _("Why, in words for the customer"), _("Plain and kind; say which facts, and what else they can do.")
    )


def supplement(form: Any) -> None:
    """Only what the bank does not have can be chosen; what it has is named, so that nobody asks for it elsewhere."""
    kinds = spec_of(form.case.version).material_kinds
    held = services.held(form.case, kinds)
    options = [(row.code, row.label) for row in kinds if row.code not in held]
    known = "; ".join(f"{row.label} ({held[row.code]})" for row in kinds if row.code in held)
    form.fields["materials"] = forms.MultipleChoiceField(
        label=_("Material"),
        choices=options,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Not asked, because the bank has it: %(known)s") % {"known": known} if known else "",
    )
    form.fields["words"] = words(_("Words for the customer"), required=False)


def mediation(form: Any) -> None:
    _proceeding(form, _("Mediator"))


def lawsuit(form: Any) -> None:
    kinds = [row for row in Proceeding.Kind.choices if row[0] != "mediation"]
    form.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=kinds)
    _proceeding(form, _("Arbitrator or court"))


def _proceeding(form: Any, who: Any) -> None:
    form.fields["body"] = forms.CharField(label=who, max_length=120)
    form.fields["reference"] = forms.CharField(label=_("Its number"), max_length=60, required=False)
    form.fields["started_on"] = forms.DateField(
        label=_("Began on"), required=False, widget=forms.DateInput(attrs={"type": "date"}), initial=localdate
    )


def proceeding_over(form: Any) -> None:
    form.fields["result"] = words(_("What came of it"))


def withdrawn(form: Any) -> None:
    """Where somebody stands beside the customer, the record says whose word it was."""
    rows = [row for row in form.case.parties.all() if row.in_force] if form.case.has("parties") else []
    if rows:
        names = [(str(row.pk), f"{row.name} · {row.get_role_display()}") for row in rows]
        form.fields["party"] = forms.ChoiceField(
            label=_("Who withdraws it"),
            choices=[("", _("The customer")), *names],
            required=False,
            help_text=_("Others may only within their authority."),
        )


FIELDS: dict[str, Callable[[Any], None]] = {
    "accepted": accepted,
    "not_accepted": not_accepted,
    "supplement": supplement,
    "mediation": mediation,
    "lawsuit": lawsuit,
    "proceeding_over": proceeding_over,
    "withdrawn": withdrawn,
}
