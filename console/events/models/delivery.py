from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.models import WorkRow


class DeliveryQuerySet(models.QuerySet):
    def open(self):
        """Rows that still have something to do."""
        return self.filter(next_attempt_at__isnull=False)

    def dead(self):
        """The dead-letter list: given up, waiting for a person."""
        return self.filter(status=EventDelivery.DEAD)


class EventDelivery(WorkRow):
    """One event for one after-commit listener. The row goes when the listener is done; a failure stays."""

    PENDING, DEAD, DROPPED = "pending", "dead", "dropped"

    event_id = models.UUIDField(_("event"))
    event_type = models.CharField(_("type"), max_length=80)
    consumer = models.CharField(_("listener"), max_length=100)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta(WorkRow.Meta):
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["event_id", "consumer"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.consumer}"
