"""Material: which kinds a type knows, what was asked of a customer, what is on file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import Named, PartOfVersion
from .case import Case
from .parties import Party
from .types import CaseTypeVersion

USER = settings.AUTH_USER_MODEL


class MaterialKind(PartOfVersion, Named):
    """A kind of document. What the bank has itself is never asked of a customer."""

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="material_kinds")
    code = models.SlugField(_("code"), max_length=40)
    bank_holds = models.BooleanField(_("the bank has it itself"), default=False)
    identifier = models.CharField(
        _("known from"),
        max_length=20,
        blank=True,
        help_text=_("Kind of identifier; a customer on file with one is not asked."),
    )
    valid_days = models.PositiveIntegerField(
        _("days it stays good"), null=True, blank=True, help_text=_("Empty: what came once is not asked again.")
    )

    required_for = models.JSONField(
        _("needed from"), default=list, blank=True, help_text=_("Roles: representative, agent, heir.")
    )

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_material_code")]
        verbose_name = _("kind of material")
        verbose_name_plural = _("kinds of material")


class MaterialRequest(models.Model):
    """What the customer was asked to send, until when."""

    class Status(models.TextChoices):
        OPEN = "open", _("Asked for")
        RECEIVED = "received", _("Received")
        CANCELLED = "cancelled", _("No longer needed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="material_requests")
    kinds = models.JSONField(_("kinds"), default=list)
    words = models.TextField(_("words for the customer"), blank=True)
    due_on = models.DateField(_("to be sent by"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    asked_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        verbose_name = _("request for material")
        verbose_name_plural = _("requests for material")

    def __str__(self) -> str:
        return f"{self.case_id} {', '.join(self.kinds)}"


class Material(models.Model):
    """One document that is on file: what it is, which file it is, when it came."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="materials")
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="case_materials"
    )
    kind = models.CharField(_("kind"), max_length=40)
    party = models.ForeignKey(Party, models.CASCADE, null=True, blank=True, related_name="materials")
    attachment = models.ForeignKey(
        "channels.Attachment", models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    original_seen = models.BooleanField(_("the original was seen"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    received_at = models.DateTimeField(_("came on"))
    good_until = models.DateField(_("good until"), null=True, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["received_at", "id"]
        verbose_name = _("material")
        verbose_name_plural = _("material")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
