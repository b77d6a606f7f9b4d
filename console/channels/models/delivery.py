from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedJSONField
from console.foundation.work import WorkRow
from console.plugin_api.channels import SendClass
from console.staff.scopes import ScopedQuerySet, ScopeFields

from .account import ChannelAccount
from .envelope import Envelope
from .message import Message


class DeliveryState(models.TextChoices):
    """Where a sent message stands; receipts only move it forward."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Accepted")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Maybe sent")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Taken back")


SEND_CLASSES = [
    (SendClass.SECURITY_CODE.value, _("Security code")),
    (SendClass.STATUTORY_NOTICE.value, _("Statutory notice")),
    (SendClass.REPLY.value, _("Reply")),
    (SendClass.SERVICE.value, _("Service message")),
    (SendClass.MARKETING.value, _("Marketing")),
]
TOLD = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


class Delivery(WorkRow):
    """One outbound message on its way: claimed, sent, and followed by its receipts."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="delivery", db_constraint=False)
    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="deliveries", db_index=False)
    identity = models.ForeignKey("customers.Identity", models.PROTECT, null=True, blank=True, related_name="+")
    send_class = models.CharField(_("class"), max_length=20, choices=SEND_CLASSES)
    purpose = models.CharField(_("purpose"), max_length=60, blank=True)
    automatic = models.BooleanField(_("sent by itself"), default=False)
    key = models.CharField(max_length=32, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    status_at = models.DateTimeField(_("since"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    payload = EncryptedJSONField(
        null=True, blank=True, help_text=_("The words as they go out, where the stored text is masked.")
    )
    provider_message_id = models.CharField(max_length=255, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    give_up_at = models.DateTimeField(_("given up after"))
    sending_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=list, blank=True)
    correlation_id = models.CharField(max_length=40)
    created_by = models.CharField(_("by"), max_length=160, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="account__site", team="account__team")
    scope_permission = "message.view"

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["account", "next_attempt_at"],
                condition=models.Q(status__in=["queued", "sending"]),
                name="delivery_due",
            ),
            models.Index(
                fields=["status", "id"],
                condition=models.Q(status__in=["unknown", "held", "failed"]),
                name="delivery_attention",
            ),
            models.Index(
                fields=["account", "provider_message_id"],
                condition=~models.Q(provider_message_id=""),
                name="delivery_provider",
            ),
            models.Index(
                fields=["identity", "created_at"],
                condition=models.Q(automatic=True),
                name="delivery_automatic",
            ),
            models.Index(fields=["correlation_id"], name="delivery_correlation"),
        ]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.get_status_display()}"

    @property
    def told(self) -> bool:
        """Whether the customer counts as told: accepted or better, and nothing came back."""
        return self.status in TOLD


class Receipt(models.Model):
    """News about something we sent, kept as it came; matched at once or when the send returns."""

    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="receipts", db_index=False)
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, null=True, blank=True, related_name="receipts", db_constraint=False
    )
    envelope = models.ForeignKey(
        Envelope, models.SET_NULL, null=True, blank=True, related_name="receipts", db_constraint=False
    )
    provider_message_id = models.CharField(max_length=255, blank=True)
    delivery_key = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=10)
    at = models.DateTimeField(_("at"), default=timezone.now)
    code = models.CharField(_("code"), max_length=60, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    recipient_hash = models.CharField(max_length=64, blank=True)
    moved = models.BooleanField(_("changed the status"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["account", "provider_message_id"],
                condition=models.Q(delivery__isnull=True),
                name="receipt_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{dict(DeliveryState.choices).get(self.status, self.status)} {self.code}"


class Suppression(models.Model):
    """An address that bounced for good: nothing is sent there until the date, or until a person lifts it."""

    channel_kind = models.CharField(_("kind of channel"), max_length=32)
    address_hash = models.CharField(max_length=64)
    mask = models.CharField(_("address"), max_length=160)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    until = models.DateTimeField(_("until"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=160, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering = ["-id"]
        indexes = [models.Index(fields=["address_hash", "until"], name="suppression_address")]

    def __str__(self) -> str:
        return self.mask
