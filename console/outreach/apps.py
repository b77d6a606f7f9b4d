from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutreachConfig(AppConfig):
    name = "console.outreach"
    label = "outreach"
    verbose_name = _("Outreach")

    def ready(self) -> None:
        from console.cases.hiding import hide
        from console.events.alarms.registry import register_alarm

        from . import blueprint, handlers
        from .models import SurveyAnswer, SurveyInvitation
        from .services import NO_LETTER

        handlers.register()
        blueprint.register()
        hide(SurveyAnswer, "case")
        hide(SurveyInvitation, "case")
        register_alarm(
            NO_LETTER,
            title=_("Decision letters cannot be made"),
            text=_("Decisions go out without their letter."),
            next_step=_("Install a Chinese font (fonts-noto-cjk), or activate the template decision-letter."),
            by_hand=True,
        )
