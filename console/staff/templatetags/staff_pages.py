"""What the frame of the sign-in and account pages needs."""

from django import template
from django.conf import settings
from django.utils.translation import get_language

from .. import second_factor

register = template.Library()
THEMES = ("auto", "light", "dark")


@register.simple_tag(takes_context=True)
def house(context: dict) -> dict:
    """Name of the house, colours on this device, the languages to choose from."""
    request = context["request"]
    theme = request.COOKIES.get("huiyin_theme", "auto")
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "name": settings.HUIYIN_SITE_NAME,
        "theme": theme if theme in THEMES else "auto",
        "lang": "zh-CN" if (get_language() or "").startswith("zh") else "en",
        "here": request.get_full_path(),
        "demo": settings.HUIYIN_DEMO,
        "needs_factor": signed_in and second_factor.is_required(user) and not user.second_factor,
    }


@register.filter
def field_class(field) -> str:
    """Kind of a form field, for its layout."""
    kind = getattr(field.field.widget, "input_type", "text")
    return "check" if kind == "checkbox" else "field"
