"""How it was: who is asked about which type of case, and what they answered."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from console.staff.scopes import ScopedQuerySet, ScopeFields

LOWEST, HIGHEST = 1, 5
MOST_HOURS = 7 * 24


class SurveyRule(models.Model):
    """Customers of this type of case are asked how it was, by a link in the notice that ends it."""

    type = models.OneToOneField(
        "cases.CaseType", models.CASCADE, related_name="survey_rule", verbose_name=_("case type")
    )
    is_active = models.BooleanField(pgettext_lazy("survey", "asked"), default=True)
    reasons = models.JSONField(
        _("reasons to choose from"),
        default=list,
        blank=True,
        help_text=_('A list like {"code": "slow", "zh": "太慢", "en": "Too slow"}.'),
    )
    valid_days = models.PositiveSmallIntegerField(_("the link is good for (days)"), default=30)
    hours_after = models.PositiveSmallIntegerField(
        _("the closing notice waits (hours)"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MOST_HOURS)],
        help_text=_("So that the question does not come with the answer. Taken up again meanwhile, nobody is asked."),
    )
    low_score = models.PositiveSmallIntegerField(
        _("scores up to this open a case"),
        default=0,
        validators=[MaxValueValidator(HIGHEST)],
        help_text=_("0: none does."),
    )
    low_type = models.ForeignKey(
        "cases.CaseType",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("of this type"),
        help_text=_("Empty: of the same type."),
    )
    low_team = models.ForeignKey(
        "staff.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for this team"),
        help_text=_("Empty: for the team of the case that was rated."),
    )
    low_grade = models.PositiveSmallIntegerField(_("with this grade"), null=True, blank=True)

    class Meta:
        ordering = ["type__order", "id"]
        verbose_name = _("survey rule")
        verbose_name_plural = _("survey rules")

    def __str__(self) -> str:
        return self.type.label

    def clean(self) -> None:
        """Each reason has a code and words in both languages. Raises ValidationError."""
        sound = isinstance(self.reasons, list) and all(
            isinstance(item, dict) and item.get("code") and item.get("zh") and item.get("en") for item in self.reasons
        )
        if not sound:
            raise ValidationError({"reasons": _("Every reason needs a code and words in both languages.")})

    def options(self) -> list[tuple[str, str]]:
        """(code, words in the reader's language) of each reason."""
        language = "en" if (get_language() or "").startswith("en") else "zh"
        return [(str(item["code"]), str(item[language])) for item in self.reasons]


class SurveyInvitation(models.Model):
    """A customer was sent the link, once for each time their case came to an end."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="survey_invitations", db_index=False)
    round = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="case__site", team="case__team", owners=("case__owner",))
    scope_permission = "case.view"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="survey_invited_once")]
        default_permissions = ()
        verbose_name = _("survey invitation")
        verbose_name_plural = _("survey invitations")

    def __str__(self) -> str:
        return f"{self.case_id} {self.round}"


class SurveyAnswer(models.Model):
    """What a customer said: a score from 1 to 5, a reason, words. Once for each time the case came to an end."""

    case = models.ForeignKey(
        "cases.Case", models.CASCADE, related_name="survey_answers", verbose_name=_("case"), db_index=False
    )
    round = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(
        _("score"), validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)]
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    text = models.TextField(_("words"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    answered_at = models.DateTimeField(_("answered"), default=timezone.now, db_index=True)
    opened = models.ForeignKey(
        "cases.Case", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("case it opened")
    )

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="case__site", team="case__team", owners=("case__owner",))
    scope_permission = "case.view"

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="survey_answered_once")]
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")

    def __str__(self) -> str:
        return f"{self.case_id} {self.score}"
