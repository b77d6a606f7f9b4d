from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.foundation.fields import EncryptedTextField
from console.staff.scopes import ScopedQuerySet

from .contacts import OF_CUSTOMER


class CustomerNote(models.Model):
    """What colleagues should know about a customer, whatever the matter."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, verbose_name=_("customer"), related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("author"), related_name="+")
    body = EncryptedTextField(_("note"))
    is_pinned = models.BooleanField(_("pinned"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    scope_fields = OF_CUSTOMER
    scope_permission = "customer.view"

    class Meta:
        verbose_name = _("customer note")
        verbose_name_plural = _("customer notes")
        ordering = ["-is_pinned", "-id"]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.pk}"
