from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberBlock(models.Model):
    """Where a series of running numbers stands; processes take blocks of it."""

    series = models.CharField(_("series"), max_length=64, primary_key=True)
    next_number = models.PositiveBigIntegerField(_("next number"), default=1)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return f"{self.series}: {self.next_number}"
