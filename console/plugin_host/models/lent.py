"""What the host lends to plugins: a small encrypted store and named leases."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedJSONField


class PluginStored(models.Model):
    """One value of `ctx.store`."""

    plugin = models.CharField(_("plugin"), max_length=60)
    instance = models.CharField(_("instance"), max_length=64, blank=True)
    key = models.CharField(pgettext_lazy("lent value", "key"), max_length=120)
    value = EncryptedJSONField(_("value"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("stored plugin value")
        verbose_name_plural = _("stored plugin values")
        constraints = [models.UniqueConstraint(fields=["plugin", "instance", "key"], name="plugin_stored_once")]

    def __str__(self) -> str:
        return f"{self.plugin}:{self.key}"


class PluginLease(models.Model):
    """One `ctx.lock` held somewhere, until `until` at the latest."""

    plugin = models.CharField(_("plugin"), max_length=60)
    instance = models.CharField(_("instance"), max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=120)
    holder = models.CharField(_("holder"), max_length=64)
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("plugin lease")
        verbose_name_plural = _("plugin leases")
        constraints = [models.UniqueConstraint(fields=["plugin", "instance", "name"], name="plugin_lease_once")]

    def __str__(self) -> str:
        return f"{self.plugin}:{self.name}"
