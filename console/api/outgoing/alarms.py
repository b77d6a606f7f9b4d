"""Alarms of webhooks."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.events.alarms.registry import register_alarm

from .sending import DEAD_ALARM
from .switching import PAUSED_ALARM


def register() -> None:
    """Called from AppConfig.ready()."""
    register_alarm(
        PAUSED_ALARM,
        title=_("Webhook paused"),
        text=_("“%(webhook)s” did not take anything any more (%(reason)s). What happens is kept for it."),
        next_step=_("Ask its owner, send a test, then let it go on; or switch it off."),
        link_to=lambda key: reverse("admin:api_webhook_change", args=[key]),
    )
    register_alarm(
        DEAD_ALARM,
        title=_("Webhook refuses news"),
        text=_("“%(webhook)s” refused an event again and again; it waits for a decision."),
        next_step=_("Read its answer in the list of deliveries, mend the receiver, then send again."),
        link_to=lambda key: f"{reverse('admin:api_webhookdelivery_changelist')}?webhook__id__exact={key}&status=dead",
    )
