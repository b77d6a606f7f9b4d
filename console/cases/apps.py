from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "console.cases"
    label = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from console.foundation.work import register_pump
        from console.staff.services import register_open_work

        from . import api, blueprint, handlers, hiding, search, subjects
        from .queries import open_of
        from .services import escalation, recomputing

        hiding.register()
        subjects.register()
        handlers.register()
        blueprint.register()
        search.register()
        api.register()
        register_pump("cases.clocks", escalation.drain, escalation.due_cases)
        register_pump("cases.recompute", recomputing.drain, recomputing.unfinished)
        register_open_work("cases", _("Open cases"), lambda user: open_of(user).count())
