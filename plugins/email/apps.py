"""The plugin as a Django app: it has no tables, only a name and translations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmailConfig(AppConfig):
    """Label as plugins must have it."""

    name = "plugins.email"
    label = "hyp_email"
    verbose_name = _("E-mail")
