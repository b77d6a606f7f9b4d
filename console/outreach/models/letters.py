"""Letters as they were made."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """A letter as it was made for the customer. Its bytes lie encrypted in the vault and are never changed."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="letters")
    round = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    template = models.CharField(_("template"), max_length=80)
    name = models.CharField(_("file name"), max_length=120)
    words = models.CharField(max_length=64)  # digest of what it says: the same words are the same letter
    stored_as = models.CharField(max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"{self.case_id} {self.template}"
