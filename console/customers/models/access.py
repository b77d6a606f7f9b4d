from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField


class AccessGrantQuerySet(models.QuerySet):
    def running(self, user) -> "AccessGrantQuerySet":
        """This person's grants that have not run out or been taken back."""
        return self.filter(user_id=user.pk, until__gt=timezone.now(), revoked_at__isnull=True)


class AccessGrant(models.Model):
    """Somebody may see a customer outside their scope for a while, and said why."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("staff member"),
        related_name="customer_grants",
    )
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="access_grants"
    )
    reason = EncryptedTextField(_("reason"), blank=True, default="")
    work = models.CharField(_("work it is needed for"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    until = models.DateTimeField(_("until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("access grant")
        verbose_name_plural = _("access grants")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "until"], name="customers_grant_running")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.customer_id}"


class Unmasking(models.Model):
    """Somebody looked at a masked value. The reason stays here; the event holds only this row's id."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("staff member"), related_name="+")
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="unmaskings"
    )
    field = models.CharField(_("field"), max_length=64)
    reason = EncryptedTextField(_("reason"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("look at a masked value")
        verbose_name_plural = _("looks at masked values")
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-at"], name="customers_unmasking_rate")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.field}"
