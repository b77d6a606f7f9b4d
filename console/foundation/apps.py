from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    name = "console.foundation"
    label = "foundation"
    verbose_name = _("Foundation")

    def ready(self) -> None:
        from . import checks, logging, naming, work  # noqa: F401
        from .api.idempotency import purge_expired

        logging.configure()
        naming.name_shared_fields()
        work.register_periodic("foundation.idempotency", 3600, purge_expired)
