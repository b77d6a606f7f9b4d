from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "console.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        """Register pumps, duties, alarms and our accounts as instances of connectors. No database here."""
        from console.plugin_host.instances import register_instance_source

        from . import alarms, api, blueprint, gateway, tasks

        register_instance_source(gateway.source)
        alarms.register()
        api.register()
        blueprint.register()
        tasks.register()
