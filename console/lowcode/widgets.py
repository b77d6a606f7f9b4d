"""The condition editor for people who are no developers: rows to fill in; the JSON behind it without JavaScript."""

import json
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .builder import blocks, read_tree, spoken
from .conditions import ConditionRefused, subjects, validate


class ConditionWidget(forms.Textarea):
    """A text area with the tree as JSON, and above it the builder that JavaScript brings to life.

    Give the subject's name, or the id of the form control that holds it.
    """

    template_name = "lowcode/condition_widget.html"

    def __init__(self, subject: str = "", subject_control: str = "", attrs: dict[str, Any] | None = None) -> None:
        self.subject, self.subject_control = subject, subject_control
        super().__init__({"rows": 6, "cols": 80, "spellcheck": "false", **(attrs or {})})

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["lowcode/condition-builder.css"]},
            js=[Script("lowcode/condition-builder.js", type="module")],
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        about = subjects().get(self.subject)
        tree = read_tree(value) if isinstance(value, str) else value
        context["builder"] = {
            "url": reverse("admin:lowcode_condition_builder"),
            "subject": self.subject,
            "control": self.subject_control,
            "root": blocks(tree, about) if about and tree is not None else None,
            "fields": fields_of(about) if about else [],
            **(spoken(tree, about) if about and tree is not None else {}),
        }
        return context


def fields_of(about: Any) -> list[tuple[str, str]]:
    """(name, label) of what a list can be filtered by."""
    return [(field.name, str(field.label)) for field in about.fields().values() if field.queryable]


class ConditionField(forms.JSONField):
    """A form field for a tree over one subject; its cleaned value is in normal form."""

    default_error_messages = {"invalid": _("This is not JSON.")}

    def __init__(self, *, subject: str, **kwargs) -> None:
        self.subject_name = subject
        kwargs.setdefault("widget", ConditionWidget(subject))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """No condition yet is an empty one, so that a new row has its builder too."""
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False, indent=1)

    def clean(self, value: Any) -> Any:
        tree = super().clean(value)
        try:
            return validate(tree, subjects()[self.subject_name])
        except ConditionRefused as refused:
            raise forms.ValidationError(refused.messages) from refused
