from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WorkRow(models.Model):
    """Base of every row that is also a piece of work: claimed, tried, retried, given up visibly.

    `next_attempt_at` says when the row is due; null means there is nothing left to do. A claim moves it to the
    end of the lease and names its holder, so the row of a killed worker comes due again by itself.
    """

    status = models.CharField(_("status"), max_length=16, default="pending", db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True, default=timezone.now)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    leased_by = models.CharField(_("claimed by"), max_length=100, blank=True, default="", db_default="")
    last_error = models.TextField(_("last error"), blank=True, default="")

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="%(app_label)s_%(class)s_due",
            )
        ]
