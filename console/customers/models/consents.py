from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.staff.scopes import ScopedQuerySet

from .contacts import OF_CUSTOMER

ANY_CHANNEL = "*"


class Consent(models.Model):
    """One line of the consent ledger. Lines are added, never changed; the latest line is what holds."""

    class Purpose(models.TextChoices):
        SERVICE = "service", _("service messages")
        SURVEY = "survey", _("surveys")
        MARKETING = "marketing", _("marketing")
        PROFILING = "profiling", _("analysis of behaviour")
        SHARING = "sharing", _("sharing with partners")
        RECORDING = "recording", _("recording of calls")

    class State(models.TextChoices):
        GRANTED = "granted", _("granted")
        WITHDRAWN = "withdrawn", pgettext_lazy("consent", "withdrawn")

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="consents"
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices)
    channel_kind = models.CharField(
        _("channel"), max_length=32, default=ANY_CHANNEL, help_text=_("* means every channel.")
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    at = models.DateTimeField(_("said at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=40)
    text_version = models.CharField(_("version of the text"), max_length=40, blank=True)
    evidence = models.CharField(_("evidence reference"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recorded by"),
        related_name="+",
        null=True,
        blank=True,
    )
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    scope_fields = OF_CUSTOMER
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="customers_consent_latest")]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel_kind}: {self.state}"
