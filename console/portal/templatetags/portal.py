"""Form fields as the customers' pages show them."""

from typing import Any

from django import template
from django.forms import CheckboxSelectMultiple, RadioSelect

register = template.Library()


@register.filter
def is_group(field: Any) -> bool:
    """Whether the field is several boxes under one question."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def described(field: Any) -> Any:
    """The field's box, tied to its help and its error for those who hear the page."""
    names = [f"{field.id_for_label}-help"] if field.help_text else []
    if field.errors:
        names.append(f"{field.id_for_label}-error")
    attrs = {"aria-describedby": " ".join(names)} if names else {}
    if field.errors:
        attrs["aria-invalid"] = "true"
    if field.field.required and not is_group(field):
        attrs["aria-required"] = "true"
    return field.as_widget(attrs=attrs)
