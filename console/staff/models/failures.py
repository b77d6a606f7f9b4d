from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import KeyedHashField


class FailedSignIn(models.Model):
    """A wrong password. Rows, not a cache: the count must hold over processes, machines and restarts."""

    account_hash = KeyedHashField(db_index=False)
    network_hash = KeyedHashField(db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")
        indexes = [
            models.Index(fields=["account_hash", "at"], name="staff_failure_account"),
            models.Index(fields=["network_hash", "at"], name="staff_failure_network"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
