from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "console.staff"
    label = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from . import blueprint, catalogue, conditions, handlers  # noqa: F401
        from .shipped import ship_roles

        post_migrate.connect(ship_roles, sender=self, dispatch_uid="staff.ship_roles")
        blueprint.register()
        conditions.register()
