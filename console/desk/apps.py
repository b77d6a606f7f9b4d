from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def ship_views(**kwargs: Any) -> None:
    from .queues import ship_views

    ship_views(**kwargs)


class DeskConfig(AppConfig):
    name = "console.desk"
    label = "desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        # This room has no tables, so no signal of its own: the views' rows live in lowcode.
        post_migrate.connect(ship_views, sender=apps.get_app_config("lowcode"), dispatch_uid="desk.ship_views")
