from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "console.api"
    label = "api"
    verbose_name = _("Api")

    def ready(self) -> None:
        from . import handlers

        handlers.register()
