from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = _("Help centre")

    def ready(self) -> None:
        from console.plugin_host import extensions

        from . import handlers
        from .knowledge import HelpCentre
        from .rights import after_migrate

        handlers.register()
        extensions.offer("knowledge_source", HelpCentre())
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="cms.rights")
