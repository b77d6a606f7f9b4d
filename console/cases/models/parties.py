"""Who stands beside the customer in one matter: joint complainants, representatives, agents, heirs."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedTextField

from .case import Case


class Party(models.Model):
    """One person beside the customer, what they may do in this matter, and until when."""

    class Role(models.TextChoices):
        COMPLAINANT = "complainant", _("Joint complainant")
        REPRESENTATIVE = "representative", _("Representative of a joint complaint")
        AGENT = "agent", _("Authorised agent")
        HEIR = "heir", _("Heir")

    class Scope(models.TextChoices):
        SPEAK = "speak", _("explain and answer questions")
        RECEIVE = "receive", _("receive notices and the decision")
        SETTLE = "settle", _("agree to redress or a settlement")
        WITHDRAW = "withdraw", _("withdraw the complaint")

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    name = EncryptedTextField(pgettext_lazy("person", "name"))
    contact = EncryptedTextField(_("telephone or mail address"), blank=True, default="")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, blank=True, related_name="+")
    scope = models.JSONField(_("may"), default=list, blank=True)
    valid_from = models.DateField(_("acts from"), default=timezone.localdate)
    expires_on = models.DateField(_("acts until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["recorded_at", "id"]
        verbose_name = _("party")
        verbose_name_plural = _("parties")

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"

    @property
    def in_force(self) -> bool:
        today = timezone.localdate()
        return self.ended_at is None and self.valid_from <= today and not self.expired

    @property
    def expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < timezone.localdate()
