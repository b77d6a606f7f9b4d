"""The plugin as a Django app: it has no tables, only a name and translations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    """Label as plugins must have it."""

    name = "plugins.sms"
    label = "hyp_sms"
    verbose_name = _("SMS")
