from django.db import models
from django.utils.translation import gettext_lazy as _

from ..fields import EncryptedTextField


class IdempotencyKey(models.Model):
    """The answer given to one keyed request, replayed when the same request comes again."""

    key_hash = models.CharField(_("key"), max_length=64, primary_key=True)
    request_hash = models.CharField(_("request"), max_length=64)
    status_code = models.PositiveSmallIntegerField(_("status"), default=0)
    body = EncryptedTextField(_("answer"), blank=True, default="")
    headers = models.JSONField(_("headers"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")

    def __str__(self) -> str:
        return self.key_hash[:12]
