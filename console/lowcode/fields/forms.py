"""A Django form made from field definitions: the same for desk, portal and admin."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from .spec import FieldSpec
from .validate import FieldErrors, validate_values


class ValuesForm(forms.Form):
    """Base of built forms. After `is_valid()`, `values` holds what may be stored."""

    specs: tuple[FieldSpec, ...] = ()
    state: str | None = None
    values: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = {code: value for code, value in data.items() if code in self.fields}
        try:
            self.values = validate_values(self.specs, given, self.state)
        except FieldErrors as errors:
            self.values = {}
            for code, texts in errors.by_field.items():
                # The form's own field has already said what it found.
                if code in self.fields and code not in self.errors:
                    self.add_error(code, texts)
        return data


def build_form(
    definitions: Iterable[Any],
    data: Mapping[str, Any] | None = None,
    *,
    state: str | None = None,
    roles: Iterable[str] | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str | None = None,
) -> ValuesForm:
    """A form instance with one field for each definition the roles may see, in order. Bound when `data` is given."""
    specs = tuple(
        sorted(
            (spec for spec in map(FieldSpec.of, definitions) if spec.seen_by(roles)),
            key=lambda spec: (spec.order, spec.code),
        )
    )
    members = {spec.code: form_field(spec, state) for spec in specs}
    form_class = type("BuiltForm", (ValuesForm,), {**members, "specs": specs, "state": state})
    start = {spec.code: spec.default for spec in specs if spec.default is not None}
    return form_class(data, initial=start | dict(initial or {}), prefix=prefix)


def form_field(spec: FieldSpec, state: str | None = None) -> forms.Field:
    """The Django form field of one definition."""
    common = {"label": spec.label, "help_text": spec.help, "required": spec.needed(state)}
    return _MAKERS[spec.kind](spec, common)


def _text(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 4}) if spec.kind == "long_text" else forms.TextInput()
    return forms.CharField(max_length=spec.limit, widget=widget, **common)


def _choice(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[("", _("Choose …")), *spec.options()], **common)


def _number(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    limits = {"min_value": spec.min_value or None, "max_value": spec.max_value or None}
    numbers = {name: float(value) for name, value in limits.items() if value is not None}
    return forms.DecimalField(max_digits=15, decimal_places=4, **numbers, **common)


def _date(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    attrs = {name: value for name, value in (("min", spec.min_value), ("max", spec.max_value)) if value}
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attrs}), **common)


def _boolean(spec: FieldSpec, common: dict[str, Any]) -> forms.Field:
    """Three answers, because "not said" is not "no"."""
    answers = [("", _("Not said")), ("true", _("yes")), ("false", _("no"))]
    return forms.TypedChoiceField(choices=answers, coerce=lambda value: value == "true", empty_value=None, **common)


_MAKERS = {
    "text": _text,
    "long_text": _text,
    "choice": _choice,
    "multi_choice": lambda spec, common: forms.MultipleChoiceField(
        choices=spec.options(), widget=forms.CheckboxSelectMultiple, **common
    ),
    "number": _number,
    "date": _date,
    "boolean": _boolean,
}
