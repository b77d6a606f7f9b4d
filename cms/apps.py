from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"
    verbose_name = _("Help centre")

    def ready(self) -> None:
        from . import handlers
        from .rights import after_migrate

        handlers.register()
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="cms.rights")
