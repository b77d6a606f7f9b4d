"""What becomes of a message: which rule makes it a case, and the marks that say it is none."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .case import Case
from .types import CaseType


class IntakeRule(models.Model):
    """A new conversation on this account becomes a case of this type for this team. First match by order."""

    name = models.CharField(_("name"), max_length=120)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    account = models.ForeignKey(
        "channels.ChannelAccount",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("channel account"),
        help_text=_("Empty: every account."),
    )
    condition = models.JSONField(_("only if"), default=dict, blank=True)
    type = models.ForeignKey(CaseType, models.CASCADE, related_name="intake_rules", verbose_name=_("case type"))
    team = models.ForeignKey(
        "staff.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("intake rule")
        verbose_name_plural = _("intake rules")

    def __str__(self) -> str:
        return self.name


class MessageMark(models.Model):
    """A message set aside: spam, automatic, thanks, duplicate. Undone by one act; nothing is lost by it."""

    class Kind(models.TextChoices):
        SPAM = "spam", _("Spam")
        AUTOMATIC = "automatic", _("Automatic")
        THANKS = "thanks", _("Thanks")
        DUPLICATE = "duplicate", _("Duplicate")

    message = models.OneToOneField("channels.Message", models.CASCADE, related_name="case_mark", db_constraint=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    case = models.ForeignKey(Case, models.CASCADE, null=True, blank=True, related_name="message_marks")
    # What undoing must restore: the case's state before the mark, or that a case was opened only for it.
    before = models.JSONField(default=dict)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-marked_at"]
        verbose_name = _("message set aside")
        verbose_name_plural = _("messages set aside")

    def __str__(self) -> str:
        return f"{self.message_id} {self.kind}"
