import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedTextField


class Upload(models.Model):
    """A file on its way in pieces, until the form it belongs to is sent. The pieces lie encrypted in the vault."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form = models.CharField(max_length=64, db_index=True)
    name = EncryptedTextField(_("name"), blank=True, default="")
    declared_type = models.CharField(_("declared type"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    received = models.PositiveBigIntegerField(pgettext_lazy("upload", "received"), default=0)
    pieces = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def complete(self) -> bool:
        return self.received == self.size
