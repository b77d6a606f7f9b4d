"""Interests: who must keep out of a matter."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .case import Case

USER = settings.AUTH_USER_MODEL


class Interest(models.Model):
    """Somebody has an interest in this matter: they do not own, decide, approve or re-check it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="interests")
    user = models.ForeignKey(USER, models.CASCADE, related_name="case_interests", verbose_name=_("colleague"))
    reason = models.TextField(_("reason"))
    hides = models.BooleanField(_("does not see the case"), default=False)
    declared_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(_("declared"), auto_now_add=True)
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        ordering = ["declared_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "case"], condition=models.Q(ended_at=None), name="case_interest_once"
            )
        ]
        verbose_name = _("interest")
        verbose_name_plural = _("interests")

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
