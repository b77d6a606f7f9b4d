"""Circuit state as rows, so that every process stops calling what keeps failing."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Circuit(models.Model):
    """One method of one plugin on one instance. A row exists once it opened; closed rows keep the history."""

    class State(models.TextChoices):
        CLOSED = "closed", _("closed: calls go through")
        OPEN = "open", _("open: work waits")
        TRIAL = "trial", _("on trial: one call goes through")

    plugin = models.CharField(_("plugin"), max_length=60)
    instance = models.CharField(_("instance"), max_length=64, blank=True)
    method = models.CharField(pgettext_lazy("code", "method"), max_length=60)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.CLOSED)
    reason = models.TextField(_("reason"), blank=True)
    opened_at = models.DateTimeField(_("open since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.CharField(pgettext_lazy("circuit", "closed by"), max_length=150, blank=True)
    probe_at = models.DateTimeField(_("next try"), default=timezone.now)
    probes = models.PositiveIntegerField(_("tries since it opened"), default=0)

    class Meta:
        verbose_name = _("circuit")
        verbose_name_plural = _("circuits")
        constraints = [models.UniqueConstraint(fields=["plugin", "instance", "method"], name="plugin_circuit_once")]

    def __str__(self) -> str:
        return f"{self.plugin}.{self.method}@{self.instance or '*'}: {self.state}"
