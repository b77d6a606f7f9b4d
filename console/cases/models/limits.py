"""Limits of a case type that are no clocks: how many, how long, from which rule and since when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import PartOfVersion, Sourced
from .types import CaseTypeVersion


class Limit(PartOfVersion, Sourced):
    """One number the services ask before they act."""

    class Kind(models.TextChoices):
        REPRESENTATIVES = "representatives", _("Representatives of a joint complaint, at most")
        RECHECK_DAYS = "recheck_days", _("Days to ask for a re-check")
        REPEAT_DAYS = "repeat_days", _("Days within which a new contact is a repeat (0: never asked)")
        SUPPLEMENT_DAYS = "supplement_days", _("Days the customer has to send material")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="limits")
    kind = models.CharField(_("limit"), max_length=20, choices=Kind.choices)
    amount = models.PositiveIntegerField(_("amount"))

    class Meta:
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["version", "kind"], name="case_limit_kind")]
        verbose_name = _("limit")
        verbose_name_plural = _("limits")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount}"


class RedressLimit(PartOfVersion, Sourced):
    """Up to which amount redress needs whose approval. The first row that fits decides."""

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="redress_limits")
    kind = models.CharField(_("redress"), max_length=40, blank=True, help_text=_("Empty: every kind."))
    up_to = models.PositiveIntegerField(_("up to (yuan)"), null=True, blank=True, help_text=_("Empty: any amount."))
    approval_role = models.CharField(
        _("approved by role"), max_length=40, blank=True, help_text=_("Empty: without approval.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("redress limit")
        verbose_name_plural = _("redress limits")

    def __str__(self) -> str:
        return f"{self.kind or '*'} ≤ {self.up_to or '∞'}"
