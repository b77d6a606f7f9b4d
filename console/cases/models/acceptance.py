"""Whether a matter is taken up: once for each time a case is opened or reopened."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .case import Case


class Acceptance(models.Model):
    """Accepted, or not accepted on named grounds, in words the customer reads."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="acceptances")
    round = models.PositiveSmallIntegerField(default=0)
    accepted = models.BooleanField(pgettext_lazy("complaint", "accepted"))
    grounds = models.CharField(_("grounds"), max_length=40, blank=True)
    words = models.TextField(_("words for the customer"), blank=True)
    cause = models.CharField(max_length=60, blank=True)  # what did it when nobody chose: delivery:17, message:4
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        ordering = ["case", "round"]
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="case_acceptance_once")]
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")

    def __str__(self) -> str:
        return f"{self.case_id} {self.accepted}"
