"""What this room puts on the house's lists: the blueprint section of shared views."""

from django.utils.translation import gettext_lazy as _

from .blueprints import register_section
from .services import view_section

VIEWS_ORDER = 800


def register() -> None:
    register_section(
        "saved_views",
        VIEWS_ORDER,
        view_section.export,
        view_section.apply,
        view_section.validate,
        label=_("saved views"),
    )
