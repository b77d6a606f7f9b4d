from django.db import models
from django.utils.translation import gettext_lazy as _

from .account import ChannelAccount
from .delivery import SEND_CLASSES


class QuietAction(models.TextChoices):
    DELAY = "delay", _("Wait until the quiet hours end")
    REFUSE = "refuse", _("Refuse")


class Severity(models.TextChoices):
    OFF = "off", _("Not checked")
    CONFIRM = "confirm", _("Ask before sending")
    REFUSE = "refuse", _("Refuse")


class PolicyRule(models.Model):
    """What holds for one class of sending, everywhere or on one kind of channel; the narrower row wins."""

    send_class = models.CharField(_("class"), max_length=20, choices=SEND_CLASSES)
    channel_kind = models.CharField(_("kind of channel"), max_length=32, blank=True, help_text=_("Empty: every kind."))
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True)
    quiet_action = models.CharField(_("in quiet hours"), max_length=6, choices=QuietAction, default=QuietAction.DELAY)
    needs_consent = models.BooleanField(_("needs consent"), default=False)
    max_length = models.PositiveIntegerField(
        _("longest text"), default=0, help_text=_("0: what the channel can carry.")
    )
    others_data = models.CharField(_("other customers' data"), max_length=7, choices=Severity, default=Severity.REFUSE)
    new_recipient = models.CharField(
        _("new outside recipient"), max_length=7, choices=Severity, default=Severity.CONFIRM
    )
    give_up_minutes = models.PositiveIntegerField(_("give up after (minutes)"), default=3 * 24 * 60)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("sending rule")
        verbose_name_plural = _("sending rules")
        ordering = ["send_class", "channel_kind"]
        constraints = [models.UniqueConstraint(fields=["send_class", "channel_kind"], name="policy_class_kind")]

    def __str__(self) -> str:
        return f"{self.send_class} {self.channel_kind}".strip()


class WordAction(models.TextChoices):
    REFUSE = "refuse", _("Refuse")
    CONFIRM = "confirm", _("Ask before sending")


class BannedWord(models.Model):
    """A word or phrase that may not leave the bank, or only after a second look."""

    word = models.CharField(_("word or phrase"), max_length=100, unique=True)
    action = models.CharField(_("action"), max_length=7, choices=WordAction, default=WordAction.REFUSE)
    channel_kind = models.CharField(_("kind of channel"), max_length=32, blank=True, help_text=_("Empty: every kind."))
    reason = models.CharField(_("say instead, or why"), max_length=200, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("banned word")
        verbose_name_plural = _("banned words")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class AttachmentRule(models.Model):
    """Which files may come in or go out, everywhere or on one account; the narrower row wins."""

    account = models.ForeignKey(
        ChannelAccount,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="attachment_rules",
        verbose_name=_("channel account"),
    )
    outbound = models.BooleanField(_("for what we send"), default=False)
    max_bytes = models.PositiveBigIntegerField(_("biggest file (bytes)"), default=25 * 1024 * 1024)
    allowed_types = models.JSONField(
        _("allowed types"), default=list, blank=True, help_text=_('Like ["image/*", "application/pdf"]; empty: all.')
    )
    blocked_types = models.JSONField(_("blocked types"), default=list, blank=True)

    class Meta:
        verbose_name = _("attachment rule")
        verbose_name_plural = _("attachment rules")
        constraints = [
            models.UniqueConstraint(fields=["account", "outbound"], name="attachment_rule_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.account_id or '*'} {'out' if self.outbound else 'in'}"


class BankDomain(models.Model):
    """A domain of the bank's own: where a channel carries only such links, only these pass."""

    domain = models.CharField(_("domain"), max_length=120, unique=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("domain of the bank")
        verbose_name_plural = _("domains of the bank")
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
