from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PluginHostConfig(AppConfig):
    name = "console.plugin_host"
    label = "plugin_host"
    verbose_name = _("Plugins")

    def ready(self) -> None:
        """Register alarms and duties. Plugins are imported at the first use of the registry, not here."""
        from console.foundation.keys import register_rotation

        from . import checks, credentials, discovery, health, hearing, records, tasks  # noqa: F401

        register_rotation("plugin_host.credentials", credentials.rotate)
        records.register_alarms()
        health.register_alarms()
        hearing.listen(discovery.discover())
        tasks.register()
