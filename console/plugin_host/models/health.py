"""What the health checks of plugins said last."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from console.plugin_api.messages import HealthState

WORDS = {
    HealthState.OK: _("well"),
    HealthState.DEGRADED: _("works in part"),
    HealthState.AUTH_FAILED: _("sign-in refused"),
    HealthState.DOWN: _("down"),
}


class PluginHealth(models.Model):
    """The last answer of one health check. The detail is the plugin's sentence, without secrets."""

    plugin = models.CharField(_("plugin"), max_length=60)
    check_slug = models.CharField(_("health check"), max_length=40)
    state = models.CharField(_("state"), max_length=20)
    detail = models.TextField(_("detail"), blank=True)
    since = models.DateTimeField(_("since"))
    at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("health of a plugin")
        verbose_name_plural = _("health of plugins")
        constraints = [models.UniqueConstraint(fields=["plugin", "check_slug"], name="plugin_health_once")]

    def __str__(self) -> str:
        return f"{self.plugin}:{self.check_slug} {self.state}"

    @property
    def word(self) -> str:
        return str(WORDS.get(self.state, self.state))

    @property
    def is_well(self) -> bool:
        return self.state == HealthState.OK
