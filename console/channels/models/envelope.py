from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from console.foundation.fields import EncryptedBinaryField, EncryptedJSONField
from console.foundation.work import WorkRow
from console.staff.scopes import ScopedQuerySet, ScopeFields

from .account import ChannelAccount


class EnvelopeStatus(models.TextChoices):
    """How far an envelope got."""

    PENDING = "pending", _("Waiting")
    PARSED = "parsed", _("Parsed")
    QUARANTINED = "quarantined", _("Quarantined")
    UNVERIFIED = "unverified", _("Not verified")
    REJECTED = "rejected", _("Rejected")


class EnvelopeOutcome(models.TextChoices):
    """What a parsed envelope turned out to be."""

    MESSAGE = "message", _("Message")
    AUTOMATIC = "automatic", _("Automatic mail")
    RECEIPT = "receipt", _("Receipt or bounce")
    DUPLICATE = "duplicate", _("Seen before")
    NOTICE = "notice", _("Notice of the channel")
    EMPTY = "empty", _("Nothing in it")
    SET_ASIDE = "set_aside", _("Set aside by a person")


class Origin(models.TextChoices):
    """By which door it came."""

    POLL = "poll", _("Fetched")
    WEBHOOK = "webhook", _("Webhook")
    FORM = "form", _("Form")
    IMPORT = "import", _("Import")


class Envelope(WorkRow):
    """Raw inbound bytes exactly as received, committed before anything looks at them."""

    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="envelopes", db_index=False)
    public_ref = models.CharField(_("reference"), max_length=40, unique=True)
    status = models.CharField(_("status"), max_length=12, choices=EnvelopeStatus, default=EnvelopeStatus.PENDING)
    outcome = models.CharField(pgettext_lazy("envelope", "outcome"), max_length=12, choices=EnvelopeOutcome, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    traceback = models.TextField(blank=True)
    origin = models.CharField(_("door"), max_length=8, choices=Origin, default=Origin.POLL)
    raw = EncryptedBinaryField(null=True, blank=True)
    stored_as = models.CharField(max_length=120, blank=True, help_text=_("Name in the vault when too big for a row."))
    headers = EncryptedJSONField(default=dict, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64)
    provider_ref = models.CharField(_("name at the provider"), max_length=255, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    reached_at = models.DateTimeField(_("reached the bank"), default=timezone.now)
    parsed_at = models.DateTimeField(_("parsed"), null=True, blank=True)
    items = models.PositiveSmallIntegerField(_("items"), default=0)
    correlation_id = models.CharField(max_length=40, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="account__site", team="account__team")
    scope_permission = "channel.view"

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "provider_ref"],
                condition=~models.Q(provider_ref=""),
                name="envelope_once_per_ref",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(status="pending"), name="envelope_pending"),
            models.Index(
                fields=["account", "id"],
                condition=models.Q(status__in=["quarantined", "unverified", "rejected"]),
                name="envelope_aside",
            ),
            models.Index(fields=["account", "received_at"], name="envelope_ledger"),
        ]

    def __str__(self) -> str:
        return self.public_ref
