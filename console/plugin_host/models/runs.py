"""Runs of plugin code: each failure is a row, success is a number per hour."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PluginRun(models.Model):
    """One failed call. Texts were stripped of known secrets and personal numbers before they came here."""

    class Kind(models.TextChoices):
        BUG = "bug", _("fault in the plugin")
        CONTRACT = "contract", _("answer outside the contract")
        TIMEOUT = "timeout", _("no answer in time")
        RETRY = "retry", _("other side busy or away")
        PERMANENT = "permanent", _("refused for good")
        AUTH = "auth", _("sign-in refused")
        CONFIG = "config", _("wrong settings")
        LOST = "lost", _("answer lost")

    plugin = models.CharField(_("plugin"), max_length=60)
    instance = models.CharField(_("instance"), max_length=64, blank=True)
    method = models.CharField(pgettext_lazy("code", "method"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    error = models.CharField(_("error class"), max_length=120, blank=True)
    message = models.TextField(_("message"), blank=True)
    trace = models.TextField(_("trace"), blank=True)
    milliseconds = models.IntegerField(_("milliseconds"), default=0)
    correlation_id = models.CharField(_("correlation"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("failed plugin call")
        verbose_name_plural = _("failed plugin calls")
        indexes = [
            models.Index(fields=["plugin", "instance", "method", "at"], name="plugin_run_circuit"),
            models.Index(fields=["at"], name="plugin_run_at"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin}.{self.method} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class PluginHour(models.Model):
    """Calls of one method on one instance in one hour, added up in memory and written in batches."""

    plugin = models.CharField(_("plugin"), max_length=60)
    instance = models.CharField(_("instance"), max_length=64, blank=True)
    method = models.CharField(pgettext_lazy("code", "method"), max_length=60)
    hour = models.DateTimeField(_("hour"))
    calls = models.BigIntegerField(_("calls"), default=0)
    failures = models.BigIntegerField(_("failures"), default=0)
    milliseconds = models.BigIntegerField(_("milliseconds"), default=0)

    class Meta:
        verbose_name = _("plugin calls per hour")
        verbose_name_plural = _("plugin calls per hour")
        constraints = [
            models.UniqueConstraint(fields=["plugin", "instance", "method", "hour"], name="plugin_hour_once")
        ]
        indexes = [models.Index(fields=["hour"], name="plugin_hour_hour")]

    def __str__(self) -> str:
        return f"{self.plugin}.{self.method} {self.hour:%Y-%m-%d %H}: {self.calls}"
