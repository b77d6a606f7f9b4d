from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyRotation(models.Model):
    """How far one encrypted column has been moved to one key; a stopped rotation goes on from here."""

    column = models.CharField(_("column"), max_length=160)
    key_id = models.CharField(_("key"), max_length=16)
    last_pk = models.CharField(_("last row"), max_length=64, blank=True, default="")
    rows = models.PositiveBigIntegerField(_("rows seen"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("key rotation")
        verbose_name_plural = _("key rotations")
        constraints = [models.UniqueConstraint(fields=["column", "key_id"], name="foundation_keyrotation_once")]

    def __str__(self) -> str:
        return f"{self.column} {self.key_id}"
