"""Case types and their versions. A running case keeps the version it began with."""

import uuid

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from console.lowcode.models import FieldDefinition, VersionedConfig

from .base import Named, PartOfVersion


class CaseType(Named):
    """A kind of matter: complaint, enquiry … Everything that may change about it lives in its versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("offered for new cases"), default=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("case type")
        verbose_name_plural = _("case types")


class Reopening(models.TextChoices):
    REOPEN = "reopen", _("Reopen the case")
    LINK = "link", _("Open a new, linked case")


class CaseTypeVersion(VersionedConfig):
    """One edition of a type: fields, workflow, closing rules, clocks. Immutable once active."""

    type = models.ForeignKey(CaseType, models.CASCADE, related_name="versions", verbose_name=_("case type"))
    # The type's own code, kept here for the version services of lowcode.
    code = models.SlugField(max_length=60, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    calendar = models.ForeignKey(
        "foundation.BusinessCalendar", models.PROTECT, null=True, blank=True, verbose_name=_("working calendar")
    )
    number_prefix = models.CharField(_("number prefix"), max_length=8, default="HY")
    grade_scale = models.CharField(_("grade scale"), max_length=40, blank=True, default="severity")
    default_grade = models.PositiveSmallIntegerField(_("grade at opening"), null=True, blank=True)
    dimensions = models.JSONField(
        _("category dimensions"), default=list, blank=True, help_text=_("Codes of the category trees used.")
    )
    reopening = models.CharField(
        _("late reply within the period"), max_length=10, choices=Reopening.choices, default=Reopening.REOPEN
    )
    reopen_days = models.PositiveSmallIntegerField(_("days a reply may reopen"), default=30)
    reply_closes = models.BooleanField(_("closes with its answer"), default=False)
    asked_as = models.CharField(
        _("on the contact form, in customers' words (Chinese)"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: customers do not choose this type."),
    )
    asked_as_en = models.CharField(_("the same in English"), max_length=80, blank=True, default="", db_default="")
    recusal_hides = models.BooleanField(_("hidden from those with an interest"), default=False, db_default=False)
    recheck_type = models.CharField(
        _("case type of its re-check"), max_length=40, blank=True, default="", db_default=""
    )
    recheck_team = models.CharField(
        _("superior team that re-checks"), max_length=32, blank=True, default="", db_default=""
    )
    notices = models.JSONField(
        _("notices sent by themselves"),
        default=list,
        blank=True,
        help_text=_("acknowledgement, decision, closing, extension"),
    )

    class Meta:
        ordering = ["type", "-number"]
        constraints = [models.UniqueConstraint(fields=["type", "number"], name="case_type_version_number")]
        verbose_name = _("case type version")
        verbose_name_plural = _("case type versions")

    def __str__(self) -> str:
        return f"{self.type.label} v{self.number}"

    @property
    def asked_label(self) -> str:
        """What customers choose on the form, in the reader's language."""
        return (self.asked_as_en or self.asked_as) if (get_language() or "").startswith("en") else self.asked_as

    def save(self, *args, **kwargs) -> None:
        self.code = self.type.code
        super().save(*args, **kwargs)


class FieldDef(PartOfVersion, FieldDefinition):
    """A custom field of a case type version."""

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="fields")

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="case_field_code")]
        verbose_name = _("field")
        verbose_name_plural = _("fields")


class Choice(PartOfVersion, Named):
    """An entry of one of the type's closed lists: outcomes, root causes, redress, grounds."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", _("Outcome")
        ROOT_CAUSE = "root_cause", _("Root cause")
        REDRESS = "redress", _("Redress")
        NON_ACCEPTANCE = "non_acceptance", _("Reason for not accepting")

    version = models.ForeignKey(CaseTypeVersion, models.CASCADE, related_name="choices")
    kind = models.CharField(_("list"), max_length=16, choices=Kind.choices)
    code = models.SlugField(_("code"), max_length=40)
    reopens = models.BooleanField(_("takes the re-checked case up again"), default=False, db_default=False)

    class Meta:
        ordering = ["kind", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "kind", "code"], name="case_choice_code")]
        verbose_name = _("list entry")
        verbose_name_plural = _("list entries")
