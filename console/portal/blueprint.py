"""Urgent matters and the limits of the customers' pages, in blueprints."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from console.channels.blueprint import Rows
from console.lowcode.blueprints import register_section

from .models import PortalPolicy, UrgentMatter

URGENT = ("code", "title", "title_en", "action", "action_en", "phone", "order", "is_active")
LIMITS = tuple(field.name for field in PortalPolicy._meta.fields if field.name != "id")
ONE = "portal"


def register() -> None:
    """Called from AppConfig.ready()."""
    matters = UrgentMatter.objects.all
    urgent = Rows(UrgentMatter, lambda row: row.code, lambda item: {"code": item["code"]}, URGENT, matters)
    limits = Rows(PortalPolicy, lambda row: ONE, lambda item: {}, LIMITS, PortalPolicy.objects.all)
    register_section(
        "urgent_matters", 70, urgent.export, urgent.apply, urgent.validate, label=_("urgent matters"), key="key"
    )
    register_section(
        "portal", 71, limits.export, limits.apply, limits.validate, label=_("limits of the customers' pages"), key="key"
    )
