"""The editor looks like the rest of the house and leads back to it."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


@hooks.register("insert_global_admin_css")
def house_colours() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/editor.css"))


@hooks.register("register_admin_menu_item")
def back_to_hub() -> MenuItem:
    return MenuItem(_("Hub"), reverse("desk:hub"), name="hub", icon_name="arrow-left", order=1)


@hooks.register("construct_main_menu")
def without_links_elsewhere(request, items: list) -> None:
    """Wagtail's help leads to the internet, where a bank's editors often cannot go."""
    items[:] = [item for item in items if item.name != "help"]
