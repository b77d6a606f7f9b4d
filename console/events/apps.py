from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "console.events"
    label = "events"
    verbose_name = _("Event log")

    def ready(self) -> None:
        from . import guard, handlers

        guard.install()
        handlers.register()
