"""The plugin as a Django app: it has no tables, only a name and translations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebformConfig(AppConfig):
    """Label as plugins must have it."""

    name = "plugins.webform"
    label = "hyp_webform"
    verbose_name = _("Web form")
