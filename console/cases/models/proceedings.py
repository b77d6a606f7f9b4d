"""What goes on outside the bank about the same matter: mediation, lawsuits, and what a regulator forwarded."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .case import Case

USER = settings.AUTH_USER_MODEL


class Proceeding(models.Model):
    """Mediation, arbitration or a lawsuit: with whom, under which number, from when to when, with what result."""

    class Kind(models.TextChoices):
        MEDIATION = "mediation", _("Mediation")
        ARBITRATION = "arbitration", _("Arbitration")
        LAWSUIT = "lawsuit", _("Lawsuit")

    case = models.ForeignKey(Case, models.CASCADE, related_name="proceedings")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    body = models.CharField(_("mediator, arbitrator or court"), max_length=120)
    reference = models.CharField(_("its number"), max_length=60, blank=True)
    started_on = models.DateField(_("began on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["started_on", "id"]
        verbose_name = _("proceeding")
        verbose_name_plural = _("proceedings")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Forwarding(models.Model):
    """A regulator sent the matter on: under its number, to be answered by a date of its own."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="forwardings")
    authority = models.CharField(_("regulator"), max_length=120)
    number = models.CharField(_("the regulator's number"), max_length=60, db_index=True)
    reached_at = models.DateTimeField(_("reached the bank"))
    answer_by = models.DateTimeField(_("answer by, as the regulator wrote"), null=True, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    answer_reference = models.CharField(_("number of the answer"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["reached_at", "id"]
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="case_forwarding_once")]
        verbose_name = _("forwarded item")
        verbose_name_plural = _("forwarded items")

    def __str__(self) -> str:
        return self.number


class Recheck(models.Model):
    """A re-check (核查): the superior team looks at a decided matter again, as a case of its own."""

    original = models.ForeignKey(Case, models.CASCADE, related_name="rechecks")
    case = models.OneToOneField(Case, models.CASCADE, related_name="recheck_of")
    reason = models.TextField(_("what the customer objects to"))
    asked_at = models.DateTimeField(_("asked"))
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["asked_at", "id"]
        verbose_name = _("re-check")
        verbose_name_plural = _("re-checks")

    def __str__(self) -> str:
        return f"{self.original_id} {self.case_id}"
