"""Switches of plugins, the stamp that tells every process they changed, and problems seen at start-up."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PluginState(models.Model):
    """Whether a plugin is switched on: for all (`scope` null) or for one business line or site.

    Without a row a bundled plugin is on and any other is off.
    """

    plugin = models.CharField(_("plugin"), max_length=60)
    scope = models.CharField(_("scope"), max_length=60, null=True, blank=True)
    enabled = models.BooleanField(_("enabled"))
    reason = models.TextField(_("reason"), blank=True)
    changed_by = models.CharField(_("changed by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("plugin")
        verbose_name_plural = _("plugins")
        constraints = [
            models.UniqueConstraint(fields=["plugin", "scope"], name="plugin_state_scope"),
            models.UniqueConstraint(
                fields=["plugin"], condition=models.Q(scope__isnull=True), name="plugin_state_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plugin}@{self.scope or '*'}"


class HostStamp(models.Model):
    """One row; its number grows with every change of switches and circuits, so processes know to read again."""

    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("plugin host stamp")
        verbose_name_plural = _("plugin host stamps")

    def __str__(self) -> str:
        return str(self.number)


class PluginProblem(models.Model):
    """Why a plugin, or a part of it, did not start; written by start-up and by `plugin check`."""

    plugin = models.CharField(_("plugin"), max_length=60)
    code = models.CharField(_("code"), max_length=40)
    detail = models.TextField(_("detail"), blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"), auto_now=True)

    class Meta:
        verbose_name = _("plugin problem")
        verbose_name_plural = _("plugin problems")
        constraints = [models.UniqueConstraint(fields=["plugin", "code"], name="plugin_problem_once")]

    def __str__(self) -> str:
        return f"{self.plugin}: {self.code}"
