from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField
from console.foundation.models import WorkRow


class Webhook(models.Model):
    """Somebody outside who is told what happens here: where, of what, and how their end feels.

    The address is encrypted, because many receivers put a token into it; people see its host.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("in use")
        PAUSED = "paused", _("paused: news waits")
        OFF = "off", _("off: news is not kept")

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = EncryptedTextField(_("address"))
    types = models.CharField(_("event types"), max_length=500)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(_("why"), max_length=200, blank=True, default="")
    state_since = models.DateTimeField(_("since"), default=timezone.now)
    secret = EncryptedTextField(_("secret"), editable=False)
    old_secret = EncryptedTextField(editable=False, blank=True, default="")
    old_secret_until = models.DateTimeField(editable=False, null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    gone = models.PositiveSmallIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(_("next attempt"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """Where it goes, without path and query: they may hold a token."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The types wanted, as globs."""
        return tuple(part.strip() for part in self.types.split(",") if part.strip())


class WebhookDeliveryQuerySet(models.QuerySet):
    def ready(self) -> "WebhookDeliveryQuerySet":
        """What may be sent: the webhook is in use and not waiting for its receiver to come back."""
        rested = Q(webhook__retry_at=None) | Q(webhook__retry_at__lte=timezone.now())
        return self.filter(rested, webhook__state=Webhook.State.ACTIVE)


class WebhookDelivery(WorkRow):
    """One event for one webhook. Delivered rows are the log and go after a week; what failed stays."""

    PENDING, DELIVERED, DEAD, DROPPED = "pending", "delivered", "dead", "dropped"

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event_id = models.UUIDField(_("event"))
    event_type = models.CharField(_("type"), max_length=80)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("HTTP answer"), null=True, blank=True)
    response_excerpt = models.CharField(_("beginning of the answer"), max_length=500, blank=True, default="")
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta(WorkRow.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["webhook", "event_id"], name="webhook_event_once")]
        indexes = [
            *WorkRow.Meta.indexes,
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_log"),
            models.Index(fields=["delivered_at"], name="webhook_delivered", condition=Q(delivered_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.webhook_id}"
