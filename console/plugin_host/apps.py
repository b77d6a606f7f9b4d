from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PluginHostConfig(AppConfig):
    name = "console.plugin_host"
    label = "plugin_host"
    verbose_name = _("PluginHost")
