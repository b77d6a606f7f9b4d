"""What customers are asked, and what is said when something is missing. Every sentence says what to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.cases.config import Spec
from console.customers.normal import NotAnIdentifier, normal
from console.foundation.text import clean, squeeze
from console.lowcode.fields import FieldSpec, build_form
from console.plugin_api.submissions import Answer

MAX_WORDS = 20_000
SUBJECT = 60


class Plain(forms.Form):
    """Base of the customers' forms: no colons, nothing focused by itself, errors told to screen readers."""

    required_css_class = "needed"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, label_suffix="", **options)
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("id", f"id_{name}")


class WordsForm(Plain):
    """Something to say."""

    text = forms.CharField(
        label=gettext_lazy("What happened, and what do you ask for?"),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Please tell us what happened.")},
    )

    def clean_text(self) -> str:
        return clean(self.cleaned_data["text"]).strip()


class ContactForm(WordsForm):
    """The contact form without the fields of the type, which are rows."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        help_text=gettext_lazy("We answer there. With it you can also follow your matter here."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def clean_name(self) -> str:
        return squeeze(clean(self.cleaned_data["name"]))

    def clean_email(self) -> str:
        return _normal(self, "email", _("This is not an e-mail address. It looks like name@example.com."))

    def clean_phone(self) -> str:
        return _normal(self, "phone", _("This is not a telephone number."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"email", "phone"} and not (data.get("email") or data.get("phone")):
            self.add_error("email", _("Leave an e-mail address or a telephone number, so that we can answer."))
        return data


def _normal(form: forms.Form, kind: str, wrong: str) -> str:
    value = form.cleaned_data[kind].strip()
    try:
        return normal(kind, value) if value else ""
    except NotAnIdentifier:
        raise forms.ValidationError(wrong) from None


class AddressForm(Plain):
    """An address a code is sent to, of whichever kind."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address or telephone number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "inputmode": "email"}),
        error_messages={"required": gettext_lazy("Write the address you use with us.")},
    )

    def clean_address(self) -> str:
        kind, value = kind_and_value(self.cleaned_data["address"])
        if not kind:
            raise forms.ValidationError(_("This is neither an e-mail address nor a telephone number."))
        self.kind = kind
        return value


class FollowForm(AddressForm):
    """A number and the address the matter came from."""

    field_order = ("number", "address")
    number = forms.CharField(
        label=gettext_lazy("Case number or reference"),
        max_length=40,
        help_text=gettext_lazy("For example HY-2026-004217 or EN-7K2M9-QX4TB-C."),
        error_messages={"required": gettext_lazy("Write the number from our receipt.")},
    )

    def clean_number(self) -> str:
        return squeeze(clean(self.cleaned_data["number"])).upper()


class ChangeForm(AddressForm):
    """Somebody lost the number, or cannot use the old address any more."""

    field_order = ("address", "name", "text")
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    text = forms.CharField(
        label=gettext_lazy("What do you still know?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "The old address, about when you wrote, what it was about. No card numbers, no passwords."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["address"].label = _("Your address from now on (e-mail or telephone)")

    def clean_text(self) -> str:
        return clean(self.cleaned_data["text"]).strip()


class CodeForm(Plain):
    """The six digits."""

    code = forms.CharField(
        label=gettext_lazy("Six-digit code"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}),
        error_messages={"required": gettext_lazy("Write the six digits of the code.")},
    )

    def clean_code(self) -> str:
        return "".join(char for char in self.cleaned_data["code"] if char.isdecimal())


class ReasonForm(Plain):
    """A word on why, for an act that does not need one."""

    text = forms.CharField(
        label=gettext_lazy("Would you like to tell us why?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_text(self) -> str:
        return clean(self.cleaned_data["text"]).strip()


def kind_and_value(text: str) -> tuple[str, str]:
    """("email" or "phone", its one spelling) of an address as typed; two empty texts when it is neither."""
    for kind in ("email", "phone"):
        try:
            return kind, normal(kind, text)
        except NotAnIdentifier:
            continue
    return "", ""


def type_form(spec: Spec, data: Any = None) -> Any:
    """The fields of a type that customers are asked, as a form of its own."""
    form = build_form([field for field in spec.fields if field.asked], data, prefix="f")
    form.label_suffix = ""
    return form


def answers(form: Any) -> tuple[Answer, ...]:
    """Every value given in a type's form, with label and value in the customer's words."""
    given = [(spec, form.values[spec.code]) for spec in form.specs if spec.code in form.values]
    return tuple(
        Answer(code=spec.code, label=spec.label, shown=_shown(spec, value), value=value) for spec, value in given
    )


def _shown(spec: FieldSpec, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(dict(spec.options()).get(one, one) for one in value)
    if spec.kind == "choice":
        return dict(spec.options()).get(value, value)
    return formats.localize_input(value) if isinstance(value, float) else str(value)


def subject_of(text: str) -> str:
    """The first sentence of what was typed: customers are not asked for a subject."""
    first = squeeze(text)
    for mark in ("。", "！", "？", ". ", "! ", "? "):
        first = first.partition(mark)[0]
    return first if len(first) <= SUBJECT else f"{first[:SUBJECT]}…"
