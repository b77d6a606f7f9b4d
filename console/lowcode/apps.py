from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LowcodeConfig(AppConfig):
    name = "console.lowcode"
    label = "lowcode"
    verbose_name = _("Configuration")

    def ready(self) -> None:
        from . import handlers

        handlers.register()
