from django.db import models
from django.utils.translation import gettext_lazy as _


class PumpSlot(models.Model):
    """One place in which a pump may run. Slot 0 is also the pump's bell: rung, and not yet answered."""

    pump = models.CharField(_("pump"), max_length=64)
    slot = models.PositiveSmallIntegerField(_("slot"), default=0)
    rung_at = models.DateTimeField(_("rung"), null=True, blank=True)
    busy_until = models.DateTimeField(_("busy until"), null=True, blank=True)
    busy_by = models.CharField(_("busy with"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("pump")
        verbose_name_plural = _("pumps")
        constraints = [models.UniqueConstraint(fields=["pump", "slot"], name="foundation_pumpslot_once")]

    def __str__(self) -> str:
        return f"{self.pump} {self.slot}"
