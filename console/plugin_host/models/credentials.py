"""Credentials of connector instances. Written through forms, read by the host alone, shown to nobody."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField


class ConnectorCredential(models.Model):
    """One secret, or a reference to one (`env:NAME`, `file:/path`), encrypted either way."""

    instance = models.CharField(_("instance"), max_length=64)
    field = models.CharField(_("field"), max_length=60)
    ciphertext = EncryptedTextField(_("secret"))
    key_id = models.CharField(_("key"), max_length=16)
    changed_by = models.CharField(_("changed by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["instance", "field"], name="plugin_credential_once")]

    def __str__(self) -> str:
        return f"{self.instance}:{self.field}"
