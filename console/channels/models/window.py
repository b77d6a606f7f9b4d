from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .account import ChannelAccount
from .delivery import Delivery


class AnswerWindow(models.Model):
    """How often and until when one address may still be answered on a channel that counts. `turn` rises when an act of
    the customer gives a fresh count: a slot of an earlier turn is not given back.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=64)
    left = models.PositiveIntegerField(_("answers left"), default=0)
    expires_at = models.DateTimeField(_("until"))
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("reply window")
        verbose_name_plural = _("reply windows")
        constraints = [models.UniqueConstraint(fields=["account", "address_hash"], name="answer_window_once")]
        indexes = [models.Index(fields=["expires_at"], name="answer_window_end")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.left} until {self.expires_at:%Y-%m-%d %H:%M}"


class AnswerSlot(models.Model):
    """One answer counted against a window, kept until it is certain that the provider did not take it."""

    window = models.ForeignKey(AnswerWindow, models.CASCADE, related_name="slots")
    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="slot", db_constraint=False)
    turn = models.PositiveIntegerField()
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("counted answer")
        verbose_name_plural = _("counted answers")

    def __str__(self) -> str:
        return f"{self.window_id}: {self.delivery_id}"
